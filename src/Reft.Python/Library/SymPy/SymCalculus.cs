using System.Numerics;
using Reft.Python.Runtime;

namespace Reft.Python.Library.SymPy;

/// <summary>Derivatives, integrals of powers, sums over whole numbers.</summary>
internal static class SymCalculus
{
    private const int MostTerms = 20_000;

    public static SymExpr Derivative(Vm vm, SymExpr value, SymExpr symbol)
    {
        vm.Enter();
        vm.Charge(20);
        var result = OfNode(vm, value, symbol);
        vm.Leave();
        return result;
    }

    private static SymExpr OfNode(Vm vm, SymExpr value, SymExpr symbol)
    {
        if (value.Key == symbol.Key)
        {
            return SymNumber.One;
        }

        if (!value.Has(symbol))
        {
            return SymNumber.Zero;
        }

        switch (value)
        {
            case SymAdd sum:
                return SymOps.Add(vm, [.. sum.Args.Select(t => Derivative(vm, t, symbol))]);
            case SymMul product:
                return SymOps.Add(vm, [.. product.Args.Select((f, i) => SymOps.Multiply(
                    vm, [Derivative(vm, f, symbol), .. product.Args.Where((_, j) => j != i)]))]);
            case SymPow power when !power.Exponent.Has(symbol):
                // As sympy writes it: the power times the base's derivative times the exponent over the base.
                return SymOps.Multiply(vm, power, SymOps.Divide(
                    vm, SymOps.Multiply(vm, Derivative(vm, power.Base, symbol), power.Exponent), power.Base));
            case SymPow power when !power.Base.Has(symbol):
                return SymOps.Multiply(vm, power, SymFunctions.Log(vm, power.Base), Derivative(vm, power.Exponent, symbol));
            case SymFunction { Args.Count: 1 } function:
                var argument = function.Argument;
                SymExpr outer = function.Name switch
                {
                    "exp" => function,
                    "log" => SymOps.Power(vm, argument, SymNumber.MinusOne),
                    "sin" => SymTrigonometry.Make(vm, "cos", argument),
                    "cos" => SymOps.Negate(vm, SymTrigonometry.Make(vm, "sin", argument)),
                    "tan" => SymOps.Add(vm, SymOps.Power(vm, function, SymNumber.Two), SymNumber.One),
                    "atan" => SymOps.Power(vm, SymOps.Add(vm, SymOps.Power(vm, argument, SymNumber.Two), SymNumber.One), SymNumber.MinusOne),
                    _ => throw new UnsupportedException($"derivative of {function.Name}"),
                };
                return SymOps.Multiply(vm, outer, Derivative(vm, argument, symbol));
            default:
                throw new UnsupportedException("derivative of this expression");
        }
    }

    /// <summary>An antiderivative of a sum of powers, exponentials and simple sines.</summary>
    public static SymExpr Antiderivative(Vm vm, SymExpr value, SymExpr symbol)
    {
        var expanded = SymExpand.Expand(vm, value);
        return SymOps.Add(vm, [.. (expanded is SymAdd sum ? sum.Args : [expanded]).Select(t => OfTerm(vm, t, symbol))]);
    }

    private static SymExpr OfTerm(Vm vm, SymExpr term, SymExpr symbol)
    {
        var factors = term is SymMul product ? product.Args : [term];
        var outside = SymOps.Multiply(vm, [.. factors.Where(f => !f.Has(symbol))]);
        var inside = factors.Where(f => f.Has(symbol)).ToList();
        switch (inside)
        {
            case []:
                return SymOps.Multiply(vm, outside, symbol);
            case [var one] when one.Key == symbol.Key:
                return SymOps.Multiply(vm, outside, SymNumber.Half, SymOps.Power(vm, symbol, SymNumber.Two));
            case [SymPow { Exponent: SymNumber exponent } power] when power.Base.Key == symbol.Key:
                var next = exponent.Plus(vm, SymNumber.One);
                return next.P.IsZero
                    ? SymOps.Multiply(vm, outside, SymFunctions.Log(vm, symbol))
                    : SymOps.Multiply(vm, outside, SymOps.Power(vm, symbol, next), SymOps.Power(vm, next, SymNumber.MinusOne));
            case [SymFunction { Args.Count: 1 } function] when SymPolynomial.Coefficients(vm, function.Argument, symbol) is [_, var slope]:
                SymExpr inner = function.Name switch
                {
                    "exp" => function,
                    "sin" => SymOps.Negate(vm, SymTrigonometry.Make(vm, "cos", function.Argument)),
                    "cos" => SymTrigonometry.Make(vm, "sin", function.Argument),
                    _ => throw new UnsupportedException($"integral of {function.Name}"),
                };
                return SymOps.Divide(vm, SymOps.Multiply(vm, outside, inner), slope);
            default:
                throw new UnsupportedException("integral of this expression");
        }
    }

    public static SymExpr Integral(Vm vm, SymExpr value, SymExpr symbol, SymExpr low, SymExpr high)
    {
        if (low is SymConstant { IsInfinite: true } || high is SymConstant { IsInfinite: true })
        {
            throw new UnsupportedException("integral to infinity");
        }

        if (value.Has(e => e is SymPow { Exponent: SymNumber { Sign: < 0 } } power && power.Base.Has(symbol))
            && (!(SymAssume.Sign(vm, low) > 0) || !(SymAssume.Sign(vm, high) > 0)))
        {
            throw new UnsupportedException("integral across a pole");
        }

        var primitive = Antiderivative(vm, value, symbol);
        return SymOps.Subtract(vm, SymSubstitution.Replace(vm, primitive, symbol, high), SymSubstitution.Replace(vm, primitive, symbol, low));
    }

    /// <summary>The sum over whole numbers: term by term, or by Faulhaber's formula where a bound is a symbol.</summary>
    public static SymExpr Sum(Vm vm, SymExpr value, SymExpr symbol, SymExpr low, SymExpr high, bool isProduct)
    {
        if (low is SymNumber { IsWhole: true } a && high is SymNumber { IsWhole: true } b)
        {
            if (b.P - a.P < -1)
            {
                throw new UnsupportedException("a sum that runs backwards");
            }

            if (b.P - a.P > MostTerms)
            {
                return isProduct ? throw new UnsupportedException("a product of so many factors") : Closed(vm, value, symbol, low, high);
            }

            SymExpr total = isProduct ? SymNumber.One : SymNumber.Zero;
            for (var i = a.P; i <= b.P; i++)
            {
                var term = SymSubstitution.Replace(vm, value, symbol, SymNumber.Of(i));
                total = isProduct ? SymOps.Multiply(vm, total, term) : SymOps.Add(vm, total, term);
            }

            return total;
        }

        return isProduct ? throw new UnsupportedException("a product with symbols as bounds") : Closed(vm, value, symbol, low, high);
    }

    private static SymExpr Closed(Vm vm, SymExpr value, SymExpr symbol, SymExpr low, SymExpr high)
    {
        if (high is SymConstant { IsInfinite: true })
        {
            return Geometric(vm, value, symbol, low);
        }

        if (SymPolynomial.Coefficients(vm, value, symbol) is not { Count: <= 12 } coefficients || low.Has(symbol) || high.Has(symbol))
        {
            throw new UnsupportedException("a sum of this kind");
        }

        vm.HasUnsureForms |= !low.IsNumber || !high.IsNumber;
        SymExpr Upto(SymExpr n) => SymOps.Add(vm, [.. coefficients.Select((c, k) => SymOps.Multiply(vm, c, Powers(vm, k, n)))]);
        return SymExpand.Expand(vm, SymOps.Subtract(vm, Upto(high), Upto(SymOps.Subtract(vm, low, SymNumber.One))));
    }

    /// <summary>1^k + 2^k + … + n^k (Faulhaber), from the sums of lower powers.</summary>
    private static SymExpr Powers(Vm vm, int k, SymExpr n)
    {
        // (n + 1)^(k+1) - 1 is the sum over j of C(k+1, j) times the sum of j-th powers.
        var sums = new List<SymExpr>();
        for (var degree = 0; degree <= k; degree++)
        {
            var total = SymOps.Subtract(vm, SymExpand.Expand(vm, SymOps.Power(vm, SymOps.Add(vm, n, SymNumber.One), SymNumber.Of(degree + 1))), SymNumber.One);
            var choose = BigInteger.One;
            for (var j = 0; j < degree; j++)
            {
                total = SymOps.Subtract(vm, total, SymOps.Multiply(vm, SymNumber.Of(choose), sums[j]));
                choose = choose * (degree + 1 - j) / (j + 1);
            }

            sums.Add(SymExpand.Expand(vm, SymOps.Divide(vm, total, SymNumber.Of(degree + 1))));
        }

        return sums[k];
    }

    /// <summary>A geometric series: the ratio of two terms is a number below 1 in size.</summary>
    private static SymExpr Geometric(Vm vm, SymExpr value, SymExpr symbol, SymExpr low)
    {
        var first = SymSubstitution.Replace(vm, value, symbol, low);
        var (second, third) = (Next(1), Next(2));
        SymExpr Next(int by) => SymSubstitution.Replace(vm, value, symbol, SymOps.Add(vm, low, SymNumber.Of(by)));
        return value is SymPow { Base: SymNumber } or SymMul && low is SymNumber
            && first is SymNumber { Sign: not 0 } a && second is SymNumber b && third is SymNumber c
            && b.Times(vm, b).Key == a.Times(vm, c).Key && b.Over(vm, a) is var ratio && ratio.Magnitude().CompareTo(SymNumber.One) < 0
            && IsExponential(vm, value, symbol)
                ? a.Over(vm, SymNumber.One.Plus(vm, ratio.Negated()))
                : throw new UnsupportedException("a sum to infinity");
    }

    private static bool IsExponential(Vm vm, SymExpr value, SymExpr symbol) => (value is SymMul product ? product.Args : [value]).All(
        f => !f.Has(symbol) || (f is SymPow { Base: SymNumber } power && SymPolynomial.Coefficients(vm, power.Exponent, symbol) is { Count: 2 }));
}
