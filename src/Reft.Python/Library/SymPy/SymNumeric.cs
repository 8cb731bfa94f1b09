using System.Numerics;
using Reft.Python.Runtime;

namespace Reft.Python.Library.SymPy;

/// <summary>The values of expressions without symbols, to many more bits than a float has.</summary>
internal static class SymNumeric
{
    /// <summary>Bits of a first evaluation.</summary>
    public const int Bits = 240;

    /// <summary>Bits of a second one, which shows how many of the first are right.</summary>
    private const int MoreBits = 600;

    private const int MostBits = 1200;

    public static double Value(Vm vm, SymExpr number) => number switch
    {
        SymFloat real => real.Value,
        SymNumber exact => Floats.Ratio(exact.P, exact.Q),
        _ => ToDouble(vm, number),
    };

    public static BigReal Exact(SymExpr number, int bits) => number is SymFloat real
        ? BigReal.From(real.Value)
        : number is SymNumber exact ? BigReal.FromRatio(exact.P, exact.Q, bits) : throw new UnsupportedException("this number of sympy");

    /// <summary>The value as <c>float()</c> sees it: rounded to a float; complex numbers raise.</summary>
    public static double ToDouble(Vm vm, SymExpr value)
    {
        switch (value)
        {
            case SymNumber number:
                return Ops.ToFloat(vm, new PyFraction(number.P, number.Q));
            case SymFloat real:
                return real.Value;
            case SymConstant { IsInfinite: true } infinite:
                return infinite == SymConstant.Infinity ? double.PositiveInfinity
                    : infinite == SymConstant.MinusInfinity ? double.NegativeInfinity
                    : infinite == SymConstant.NotANumber ? Floats.NotANumber
                    : throw Err.Type("Cannot convert complex to float");
        }

        var (real1, imaginary) = Sure(vm, value);
        return imaginary.IsZero ? real1.ToDouble() : throw Err.Type("Cannot convert complex to float");
    }

    /// <summary>The value to as many bits as asked, each part right to them or exactly zero.</summary>
    public static (BigReal Real, BigReal Imaginary) Sure(Vm vm, SymExpr value)
    {
        var (first, second) = (Evaluate(vm, value, Bits), Evaluate(vm, value, MoreBits));
        if (Agrees(first.Real, second.Real) && Agrees(first.Imaginary, second.Imaginary))
        {
            return second;
        }

        var third = Evaluate(vm, value, MostBits);
        return Agrees(second.Real, third.Real) && Agrees(second.Imaginary, third.Imaginary)
            ? third
            : throw new UnsupportedException("value of a sympy expression that may be zero");
    }

    public static (BigReal Real, BigReal Imaginary) Complex(Vm vm, SymExpr value) => Evaluate(vm, value, MoreBits);

    /// <summary>Whether the sign of a part of the value is certain.</summary>
    public static bool IsSure(Vm vm, SymExpr value, bool imaginary)
    {
        var (first, second) = (Evaluate(vm, value, Bits), Evaluate(vm, value, MoreBits));
        return imaginary ? Agrees(first.Imaginary, second.Imaginary) : Agrees(first.Real, second.Real);
    }

    public static int Compare(Vm vm, SymExpr a, SymExpr b)
    {
        if (a is SymNumber x && b is SymNumber y)
        {
            return x.CompareTo(y);
        }

        if (a is SymFloat or SymNumber && b is SymFloat or SymNumber)
        {
            // Sympy rounds the rational number to the float's bits first.
            return Value(vm, a).CompareTo(Value(vm, b));
        }

        var (real, imaginary) = Sure(vm, SymOps.Subtract(vm, a, b));
        return imaginary.IsZero ? real.Sign : throw Err.Type("Invalid comparison of non-real numbers");
    }

    public static BigInteger Truncate(Vm vm, SymExpr value)
    {
        switch (value)
        {
            case SymNumber number:
                return BigInteger.Divide(number.P, number.Q);
            case SymFloat real:
                return new BigInteger(real.Value);
            case SymConstant { IsInfinite: true }:
                throw Err.Overflow("Cannot convert float infinity to integer");
        }

        var (real1, imaginary) = Sure(vm, value);
        if (!imaginary.IsZero)
        {
            throw Err.Type("Cannot convert complex to int");
        }

        var size = CheckedFloor(real1.Abs());
        return real1.Sign < 0 ? -size : size;
    }

    /// <summary>The whole part of a value that is not close to a whole number by accident.</summary>
    public static BigInteger CheckedFloor(BigReal value)
    {
        var floor = value.Floor();
        var rest = value.Add(new BigReal(-floor, 0), MoreBits);
        return rest.IsZero || rest.Magnitude < -100 || rest.Add(-BigReal.One, MoreBits).Abs().Magnitude < -100
            ? throw new UnsupportedException("whole part of a sympy expression that may be a whole number")
            : floor;
    }

    /// <summary><c>round()</c>: an Integer without places, a Float (or Integer) with them, as sympy 1.11 has it.</summary>
    public static SymExpr Round(Vm vm, SymExpr value, long? digits)
    {
        if (!value.IsNumber)
        {
            throw Err.Type("Cannot round symbolic expression");
        }

        if (value is SymConstant { IsInfinite: true })
        {
            return value;
        }

        var places = digits ?? 0;
        if (Math.Abs(places) > 60)
        {
            throw new UnsupportedException("round of a sympy number to so many places");
        }

        if (value.IsZero || value is SymFloat { Value: 0 })
        {
            return digits is null ? SymNumber.Zero : value;
        }

        if (value is SymNumber { IsWhole: true } whole)
        {
            var unit = places >= 0 ? BigInteger.One : Ints.Power10((int)-places);
            return SymNumber.Of(Ints.RoundDivide(whole.P, unit) * unit);
        }

        if (value is SymFloat real)
        {
            var (top, bottom) = Floats.ToRatio(real.Value);
            return Rounded(vm, new SymNumber(top, bottom), digits, real.Bits);
        }

        if (value is SymNumber exact)
        {
            return Rounded(vm, exact, digits, null);
        }

        var (real1, imaginary) = Sure(vm, value);
        if (!imaginary.IsZero || value.Has(e => e is SymFloat))
        {
            throw new UnsupportedException("round of this number of sympy");
        }

        return Rounded(
            vm,
            real1.Exponent >= 0
                ? SymNumber.Of(real1.Mantissa << real1.Exponent)
                : SymNumber.Ratio(vm, real1.Mantissa, BigInteger.One << -real1.Exponent),
            digits,
            null);
    }

    /// <summary>
    /// Sympy's <c>Expr.round</c>: first to the digits that are known, one more deciding, and then to the place. The float
    /// has no more digits than are left.
    /// </summary>
    private static SymExpr Rounded(Vm vm, SymNumber value, long? digits, int? bits)
    {
        var places = (int)(digits ?? 0);
        // The value lies below 10 to the order, and not below a tenth of that.
        var order = (int)BigInteger.Abs(value.P).ToString(System.Globalization.CultureInfo.InvariantCulture).Length
            - value.Q.ToString(System.Globalization.CultureInfo.InvariantCulture).Length;
        while (value.Magnitude().CompareTo(Power10(vm, order)) >= 0)
        {
            order++;
        }

        while (value.Magnitude().CompareTo(Power10(vm, order - 1)) < 0)
        {
            order--;
        }

        var allow = order + places;
        var known = bits is { } own ? SymPrinter.DigitsOf(own) : Math.Max(15, allow);
        allow = bits is null ? allow : Math.Min(allow, known);
        var shift = known - order;
        var scaled = value.Times(vm, Power10(vm, shift));
        var near = BigInteger.Divide(scaled.P, scaled.Q);
        var rest = SymNumber.Ratio(vm, BigInteger.Abs(scaled.P - (near * scaled.Q)), scaled.Q);
        var part = BigReal.FromRatio(rest.P, rest.Q, 60).To(7).ToDouble();
        if (part > 0.5 || (part == 0.5 && !near.IsEven))
        {
            near += value.Sign;
        }

        var drop = shift - places;
        var rounded = drop <= 0 ? near : Ints.RoundDivide(near, Ints.Power10(drop)) * Ints.Power10(drop);
        var result = SymNumber.Of(rounded).Times(vm, Power10(vm, -shift));
        if (result.IsWhole)
        {
            return digits is null ? result : SymFloat.Make(Floats.Ratio(result.P, result.Q), bits ?? SymPrinter.BitsOf(known));
        }

        return allow is >= 1 and <= 15
            ? SymFloat.Make(Floats.Ratio(result.P, result.Q), SymPrinter.BitsOf(allow))
            : throw new UnsupportedException("round of a sympy number to these places");
    }

    private static SymNumber Power10(Vm vm, int exponent) => exponent >= 0
        ? SymNumber.Of(Ints.Power10(exponent))
        : SymNumber.Ratio(vm, BigInteger.One, Ints.Power10(-exponent));

    private static bool Agrees(BigReal a, BigReal b)
    {
        if (a.IsZero || b.IsZero)
        {
            return a.IsZero && b.IsZero;
        }

        var difference = a.Add(-b, MoreBits);
        return difference.IsZero || b.Magnitude - difference.Magnitude > 80;
    }

    private static (BigReal Real, BigReal Imaginary) Evaluate(Vm vm, SymExpr value, int bits)
    {
        vm.Enter();
        vm.Charge(bits >> 2);
        var result = OfNode(vm, value, bits);
        vm.Leave();
        return result;
    }

    private static (BigReal Real, BigReal Imaginary) OfNode(Vm vm, SymExpr value, int bits)
    {
        switch (value)
        {
            case SymNumber or SymFloat:
                return (Exact(value, bits), BigReal.Zero);
            case SymConstant constant:
                return constant == SymConstant.Pi ? (BigReal.Pi(bits), BigReal.Zero)
                    : constant == SymConstant.E ? (BigReal.One.Exp(bits), BigReal.Zero)
                    : constant == SymConstant.I ? (BigReal.Zero, BigReal.One)
                    : throw new UnsupportedException("value of an infinite expression");
            case SymAdd sum:
                var total = (Real: BigReal.Zero, Imaginary: BigReal.Zero);
                foreach (var term in sum.Args)
                {
                    var (a, b) = Evaluate(vm, term, bits);
                    total = (total.Real.Add(a, bits), total.Imaginary.Add(b, bits));
                }

                return total;
            case SymMul product:
                var result = (Real: BigReal.One, Imaginary: BigReal.Zero);
                foreach (var factor in product.Args)
                {
                    result = Multiply(result, Evaluate(vm, factor, bits), bits);
                }

                return result;
            case SymPow power:
                return Power(vm, power, bits);
            case SymFunction function:
                return Function(vm, function, bits);
            default:
                throw new UnsupportedException("value of a sympy expression with symbols");
        }
    }

    private static (BigReal Real, BigReal Imaginary) Multiply(
        (BigReal Real, BigReal Imaginary) a, (BigReal Real, BigReal Imaginary) b, int bits) =>
        (a.Real.Multiply(b.Real, bits).Add(-a.Imaginary.Multiply(b.Imaginary, bits), bits),
            a.Real.Multiply(b.Imaginary, bits).Add(a.Imaginary.Multiply(b.Real, bits), bits));

    private static (BigReal Real, BigReal Imaginary) Power(Vm vm, SymPow power, int bits)
    {
        var @base = Evaluate(vm, power.Base, bits + 20);
        if (power.Exponent is SymNumber { IsWhole: true } whole && BigInteger.Abs(whole.P) < 10_000)
        {
            var result = (Real: BigReal.One, Imaginary: BigReal.Zero);
            for (var i = 0; i < (int)BigInteger.Abs(whole.P); i++)
            {
                vm.Tick();
                result = Multiply(result, @base, bits + 20);
            }

            return whole.Sign > 0 ? result : Inverse(result, bits);
        }

        var exponent = Evaluate(vm, power.Exponent, bits + 20);
        if (!exponent.Imaginary.IsZero)
        {
            throw new UnsupportedException("complex powers in sympy");
        }

        if (@base.Imaginary.IsZero && @base.Real.Sign >= 0)
        {
            if (@base.Real.IsZero)
            {
                return exponent.Real.Sign > 0 ? (BigReal.Zero, BigReal.Zero) : throw new UnsupportedException("a power of zero");
            }

            if (power.Exponent is SymNumber { Q: var q, P: var p } && q < 1000 && p.IsOne)
            {
                return (@base.Real.Root((int)q, bits), BigReal.Zero);
            }

            return (@base.Real.Log(bits + 40).Multiply(exponent.Real, bits + 40).Exp(bits), BigReal.Zero);
        }

        // By way of polar coordinates.
        var size = @base.Real.Multiply(@base.Real, bits + 40).Add(@base.Imaginary.Multiply(@base.Imaginary, bits + 40), bits + 40).Root(2, bits + 40);
        var angle = Angle(@base, bits + 40).Multiply(exponent.Real, bits + 40);
        var length = size.Log(bits + 40).Multiply(exponent.Real, bits + 40).Exp(bits + 20);
        if (@base.Imaginary.IsZero && power.Exponent is SymNumber { Q: var two } && two == 2)
        {
            // The root of a negative number has no real part.
            var (sine, _) = angle.SineCosine(bits);
            return (BigReal.Zero, length.Multiply(sine, bits));
        }

        var (s, c) = angle.SineCosine(bits + 20);
        return (length.Multiply(c, bits), length.Multiply(s, bits));
    }

    private static BigReal Angle((BigReal Real, BigReal Imaginary) value, int bits)
    {
        if (value.Imaginary.IsZero)
        {
            return value.Real.Sign < 0 ? BigReal.Pi(bits) : BigReal.Zero;
        }

        if (value.Real.IsZero)
        {
            var quarter = BigReal.Pi(bits).Scale(-1);
            return value.Imaginary.Sign < 0 ? -quarter : quarter;
        }

        var angle = value.Imaginary.Divide(value.Real, bits).ArcTangent(bits);
        return value.Real.Sign > 0 ? angle
            : angle.Add(value.Imaginary.Sign > 0 ? BigReal.Pi(bits) : -BigReal.Pi(bits), bits);
    }

    private static (BigReal Real, BigReal Imaginary) Inverse((BigReal Real, BigReal Imaginary) value, int bits)
    {
        if (value.Imaginary.IsZero)
        {
            return value.Real.IsZero
                ? throw new UnsupportedException("an inverse of zero in sympy")
                : (BigReal.One.Divide(value.Real, bits), BigReal.Zero);
        }

        var size = value.Real.Multiply(value.Real, bits).Add(value.Imaginary.Multiply(value.Imaginary, bits), bits);
        return (value.Real.Divide(size, bits), -value.Imaginary.Divide(size, bits));
    }

    private static (BigReal Real, BigReal Imaginary) Function(Vm vm, SymFunction function, int bits)
    {
        var (real, imaginary) = Evaluate(vm, function.Argument, bits + 40);
        if (function.Name == "Abs")
        {
            return imaginary.IsZero
                ? (real.Abs(), BigReal.Zero)
                : (real.Multiply(real, bits).Add(imaginary.Multiply(imaginary, bits), bits).Root(2, bits), BigReal.Zero);
        }

        if (!imaginary.IsZero || function.Args.Count != 1)
        {
            throw new UnsupportedException($"value of {function.Name} of complex numbers");
        }

        var value = function.Name switch
        {
            "exp" => real.Exp(bits),
            "log" => real.Sign > 0 ? real.Log(bits) : throw new UnsupportedException("logarithm of a number that is not positive"),
            "sin" => real.SineCosine(bits).Sine,
            "cos" => real.SineCosine(bits).Cosine,
            "tan" => real.SineCosine(bits + 20) is var (s, c) ? s.Divide(c, bits) : real,
            "atan" => real.ArcTangent(bits),
            "asin" => ArcSine(real, bits),
            "acos" => BigReal.Pi(bits).Scale(-1).Add(-ArcSine(real, bits + 20), bits),
            _ => throw new UnsupportedException($"value of sympy's {function.Name}"),
        };
        return (value, BigReal.Zero);
    }

    private static BigReal ArcSine(BigReal value, int bits)
    {
        var rest = BigReal.One.Add(-value.Multiply(value, bits + 40), bits + 40);
        if (rest.Sign < 0)
        {
            throw new UnsupportedException("arc sine beyond 1");
        }

        if (rest.IsZero)
        {
            var quarter = BigReal.Pi(bits).Scale(-1);
            return value.Sign < 0 ? -quarter : quarter;
        }

        return value.Divide(rest.Root(2, bits + 40), bits + 40).ArcTangent(bits);
    }
}
