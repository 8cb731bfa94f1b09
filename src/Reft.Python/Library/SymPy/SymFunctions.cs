using System.Numerics;
using Reft.Python.Runtime;

namespace Reft.Python.Library.SymPy;

/// <summary>Functions of sympy, evaluated where sympy evaluates them by itself.</summary>
internal static class SymFunctions
{
    public static SymExpr Exp(Vm vm, SymExpr exponent)
    {
        switch (exponent)
        {
            case SymNumber { P.IsZero: true }:
                return SymNumber.One;
            case SymNumber { P.IsOne: true, Q.IsOne: true }:
                return SymConstant.E;
            case SymFloat real:
                return SymFloat.Make(BigReal.From(real.Value).Exp(SymNumeric.Bits).ToDouble(), real.Bits);
            case SymConstant { IsInfinite: true } infinite:
                return infinite == SymConstant.Infinity ? infinite
                    : infinite == SymConstant.MinusInfinity ? SymNumber.Zero
                    : SymConstant.NotANumber;
            case SymFunction { Name: "log" } logarithm:
                return logarithm.Argument;
            case SymMul product when product.Args.OfType<SymFunction>().FirstOrDefault(f => f.Name == "log") is { } log
                && SymOps.Divide(vm, product, log) is var power && (power is SymNumber || !power.Has(e => e is SymFunction)):
                return SymOps.Power(vm, log.Argument, power);
        }

        if (exponent.Has(SymConstant.I))
        {
            throw new UnsupportedException("complex exponentials in sympy");
        }

        if (exponent is not SymAdd sum)
        {
            return new SymFunction("exp", [exponent]);
        }

        // Terms whose exponential is no exponential leave the sum: logarithms.
        var outside = new List<SymExpr>();
        var inside = new List<SymExpr>();
        foreach (var term in sum.Args)
        {
            var own = term.IsOne ? term : Exp(vm, term);
            (own is SymFunction { Name: "exp" } || term.IsOne ? inside : outside).Add(own is SymFunction || term.IsOne ? term : own);
        }

        return outside.Count == 0
            ? new SymFunction("exp", [exponent])
            : SymOps.Multiply(vm, [.. outside, Exp(vm, SymOps.Add(vm, [.. inside]))]);
    }

    public static SymExpr Log(Vm vm, SymExpr value)
    {
        switch (value)
        {
            case SymNumber { P.IsZero: true }:
                return SymConstant.ComplexInfinity;
            case SymNumber { P.IsOne: true, Q.IsOne: true }:
                return SymNumber.Zero;
            case SymConstant when value == SymConstant.E:
                return SymNumber.One;
            case SymConstant when value == SymConstant.Infinity:
                return value;
            case SymNumber { P.IsOne: true } inverse:
                return SymOps.Negate(vm, new SymFunction("log", [SymNumber.Of(inverse.Q)]));
            case SymFloat { Value: > 0 } real:
                return SymFloat.Make(BigReal.From(real.Value).Log(SymNumeric.Bits).ToDouble(), real.Bits);
            case SymFunction { Name: "exp" } exponential when SymAssume.IsReal(vm, exponential.Argument) == true:
                return exponential.Argument;
        }

        return value.IsNumber && SymAssume.Sign(vm, value) is not > 0
            ? throw new UnsupportedException("logarithm of a number that is not positive")
            : new SymFunction("log", [value]);
    }

    /// <summary>log(value, base): whole powers of the base are taken out, as sympy does.</summary>
    public static SymExpr Log(Vm vm, SymExpr value, SymExpr @base)
    {
        if (@base.IsOne)
        {
            return value.IsOne ? SymConstant.NotANumber : SymConstant.ComplexInfinity;
        }

        if (value is SymNumber { IsWhole: true, Sign: > 0 } a && @base is SymNumber { IsWhole: true, Sign: > 0 } b)
        {
            var count = 0;
            var rest = a.P;
            while (rest > 1 && (rest % b.P).IsZero)
            {
                vm.Tick();
                rest /= b.P;
                count++;
            }

            if (count > 0)
            {
                return SymOps.Add(vm, SymNumber.Of(count), SymOps.Divide(vm, Log(vm, SymNumber.Of(rest)), Log(vm, @base)));
            }
        }

        return @base == SymConstant.E ? Log(vm, value) : SymOps.Divide(vm, Log(vm, value), Log(vm, @base));
    }

    public static SymExpr Abs(Vm vm, SymExpr value)
    {
        if (value is SymConstant { IsInfinite: true })
        {
            return value == SymConstant.NotANumber ? value : SymConstant.Infinity;
        }

        if (SymAssume.Sign(vm, value) is { } sign)
        {
            return sign >= 0 ? value : SymOps.Negate(vm, value);
        }

        if (SymAssume.IsNonNegative(vm, value) == true)
        {
            return value;
        }

        if (value.IsNumber)
        {
            var (real, imaginary) = Parts(vm, value);
            return SymOps.Sqrt(vm, SymOps.Add(vm, SymOps.Power(vm, real, SymNumber.Two), SymOps.Power(vm, imaginary, SymNumber.Two)));
        }

        switch (value)
        {
            case SymMul product:
                return SplitSize(vm, product);
            case SymPow { Exponent: SymNumber { IsWhole: true } power } inner:
                return power.Sign < 0 ? SymOps.Power(vm, Abs(vm, SymOps.Power(vm, inner.Base, power.Negated())), SymNumber.MinusOne)
                    : SymAssume.IsReal(vm, inner.Base) != true ? new SymFunction("Abs", [value])
                    : power.P.IsEven ? value
                    : SymOps.Multiply(vm, SymOps.Power(vm, inner.Base, power.Plus(vm, SymNumber.MinusOne)), Abs(vm, inner.Base));
            case SymFunction { Name: "Abs" }:
                return value;
            case SymPow or SymFunction when SymAssume.IsReal(vm, value) != true:
                throw new UnsupportedException("absolute value of this expression");
        }

        // Of x - 1 and 1 - x sympy keeps the one whose sign comes first.
        return new SymFunction("Abs", [CouldExtractMinus(vm, value) ? SymOps.Negate(vm, value) : value]);
    }

    private static SymExpr SplitSize(Vm vm, SymMul product)
    {
        var known = new List<SymExpr>();
        var rest = new List<SymExpr>();
        foreach (var factor in product.Args)
        {
            var size = factor.IsNumber ? Abs(vm, factor) : factor is SymSymbol or SymAdd ? null : Abs(vm, factor);
            if (size is null or SymFunction { Name: "Abs" })
            {
                rest.Add(factor);
            }
            else
            {
                known.Add(size);
            }
        }

        if (rest.Count == 1 && rest[0] is SymSymbol or SymAdd)
        {
            known.Add(Abs(vm, rest[0]));
        }
        else if (rest.Count > 0)
        {
            known.Add(new SymFunction("Abs", [SymOps.Multiply(vm, [.. rest])]));
        }

        return SymOps.Multiply(vm, [.. known]);
    }

    /// <summary>Whether sympy counts the expression as one with a minus sign in front.</summary>
    private static bool CouldExtractMinus(Vm vm, SymExpr value)
    {
        if (value is SymAdd sum)
        {
            var negative = sum.Args.Count(t => SymOps.Coefficient(t).Factor is SymNumber { Sign: < 0 } or SymFloat { Value: < 0 });
            return negative * 2 != sum.Args.Count
                ? negative * 2 > sum.Args.Count
                : SymOrder.Compare(vm, value, SymOps.Negate(vm, value)) < 0;
        }

        return SymOps.Coefficient(value).Factor is SymNumber { Sign: < 0 };
    }

    /// <summary>The real and imaginary part of a number.</summary>
    public static (SymExpr Real, SymExpr Imaginary) Parts(Vm vm, SymExpr value)
    {
        var expanded = SymExpand.Expand(vm, value);
        var real = new List<SymExpr>();
        var imaginary = new List<SymExpr>();
        foreach (var term in expanded is SymAdd sum ? sum.Args : [expanded])
        {
            if (!term.Has(SymConstant.I))
            {
                real.Add(SymAssume.IsReal(vm, term) == true ? term : throw new UnsupportedException("parts of a complex number of sympy"));
                continue;
            }

            var rest = SymOps.Multiply(vm, SymNumber.MinusOne, SymConstant.I, term);
            imaginary.Add(!rest.Has(SymConstant.I) && SymAssume.IsReal(vm, rest) == true
                ? rest
                : throw new UnsupportedException("parts of a complex number of sympy"));
        }

        return (SymOps.Add(vm, [.. real]), SymOps.Add(vm, [.. imaginary]));
    }

    public static SymExpr Floor(Vm vm, SymExpr value) => Whole(vm, value, "floor", n => Ints.FloorDivide(n.P, n.Q, out _));

    public static SymExpr Ceiling(Vm vm, SymExpr value) => Whole(vm, value, "ceiling", n => -Ints.FloorDivide(-n.P, n.Q, out _));

    private static SymExpr Whole(Vm vm, SymExpr value, string name, Func<SymNumber, BigInteger> ofRational)
    {
        if (value is SymNumber number)
        {
            return SymNumber.Of(ofRational(number));
        }

        if (value is SymFloat real)
        {
            var (top, bottom) = Floats.ToRatio(real.Value);
            return SymNumber.Of(ofRational(new SymNumber(top, bottom)));
        }

        if (value is SymConstant { IsInfinite: true } || SymAssume.IsInteger(vm, value) == true)
        {
            return value;
        }

        if (value.IsNumber)
        {
            var (real1, imaginary) = SymNumeric.Sure(vm, value);
            if (!imaginary.IsZero)
            {
                throw new UnsupportedException("whole part of a complex number");
            }

            var floor = SymNumeric.CheckedFloor(real1);
            return SymNumber.Of(name == "floor" ? floor : floor + 1);
        }

        // Whole terms leave the function.
        var inside = new List<SymExpr>();
        var outside = new List<SymExpr>();
        foreach (var term in value is SymAdd sum ? sum.Args : [value])
        {
            (SymAssume.IsInteger(vm, term) == true ? outside : inside).Add(term);
        }

        return SymOps.Add(vm, [.. outside, new SymFunction(name, [SymOps.Add(vm, [.. inside])])]);
    }

    public static SymExpr Mod(Vm vm, SymExpr a, SymExpr b)
    {
        if (SymOps.IsNil(b))
        {
            throw Err.ZeroDivision("Modulo by zero");
        }

        if (a.IsNumberNode && b.IsNumberNode && a is SymFloat or SymNumber && b is SymFloat or SymNumber && (a is SymFloat || b is SymFloat))
        {
            return SymOps.Subtract(vm, a, SymOps.Multiply(vm, Floor(vm, SymOps.DivideNumbers(vm, a, b)), b));
        }

        return a is SymNumber x && b is SymNumber y
            ? SymNumber.Ratio(vm, Modulo(x.P * y.Q, y.P * x.Q), x.Q * y.Q)
            : a.IsNumber && b.IsNumber && !a.Has(e => e is SymFloat) && !b.Has(e => e is SymFloat)
                ? SymOps.Subtract(vm, a, SymOps.Multiply(vm, b, Floor(vm, SymOps.Divide(vm, a, b))))
                : throw new UnsupportedException("sympy's Mod of these");
    }

    private static BigInteger Modulo(BigInteger a, BigInteger b)
    {
        Ints.FloorDivide(a, b, out var rest);
        return rest;
    }

    public static SymExpr Factorial(Vm vm, SymExpr value)
    {
        if (value is not SymNumber { IsWhole: true } number)
        {
            return value.IsNumber ? throw new UnsupportedException("factorial of other than a whole number") : new SymFunction("factorial", [value]);
        }

        if (number.Sign < 0)
        {
            return SymConstant.ComplexInfinity;
        }

        if (number.P > 5000)
        {
            throw new UnsupportedException("factorial of a large number in sympy");
        }

        var product = BigInteger.One;
        for (var i = 2; i <= (int)number.P; i++)
        {
            vm.Charge(1 + (long)(product.GetBitLength() >> 9));
            product *= i;
        }

        return SymNumber.Of(Ints.Big(Ints.Box(vm, product)));
    }

    public static SymExpr Binomial(Vm vm, SymExpr n, SymExpr k)
    {
        if (n is not SymNumber { IsWhole: true, Sign: >= 0 } a || k is not SymNumber { IsWhole: true } b)
        {
            throw new UnsupportedException("sympy's binomial of these");
        }

        if (b.Sign < 0 || b.P > a.P)
        {
            return SymNumber.Zero;
        }

        var least = BigInteger.Min(b.P, a.P - b.P);
        if (least > 3000)
        {
            throw new UnsupportedException("sympy's binomial of large numbers");
        }

        var result = BigInteger.One;
        for (var i = 1; i <= (int)least; i++)
        {
            vm.Charge(2 + (long)(result.GetBitLength() >> 8));
            result = result * (a.P - least + i) / i;
        }

        return SymNumber.Of(Ints.Big(Ints.Box(vm, result)));
    }

    /// <summary>The largest or smallest of numbers.</summary>
    public static SymExpr Extreme(Vm vm, IReadOnlyList<SymExpr> values, int sign)
    {
        if (values.Count == 0 || values.Any(v => !v.IsNumber))
        {
            throw new UnsupportedException("sympy's Max and Min of expressions with symbols");
        }

        return values.Aggregate((best, v) => v.Key != best.Key && SymNumeric.Compare(vm, v, best) * sign > 0 ? v : best);
    }

    public static SymExpr Sign(Vm vm, SymExpr value) => SymAssume.Sign(vm, value) is { } sign
        ? SymNumber.Of(sign)
        : throw new UnsupportedException("sign of an expression");
}
