using Reft.Python.Runtime;

namespace Reft.Python.Library.SymPy;

/// <summary>What is known of an expression's value; null where nothing is.</summary>
internal static class SymAssume
{
    private const SymAssumptions Positive = SymAssumptions.Real | SymAssumptions.NonNegative | SymAssumptions.NonZero;
    private const SymAssumptions Negative = SymAssumptions.Real | SymAssumptions.NonPositive | SymAssumptions.NonZero;

    /// <summary>What a keyword of <c>symbols</c> says, with what follows from it.</summary>
    public static SymAssumptions Parse(Args args)
    {
        var assumed = SymAssumptions.None;
        foreach (var name in args.Names ?? [])
        {
            if (name is "cls" or "seq")
            {
                throw new UnsupportedException($"symbols({name}=…)");
            }

            if (args.Named(name) is PyNone)
            {
                continue;
            }

            if (args.Named(name) is not true)
            {
                throw new UnsupportedException($"assumption {name}=False of sympy symbols");
            }

            assumed |= name switch
            {
                "commutative" => SymAssumptions.None,
                "complex" => SymAssumptions.Complex,
                "real" => SymAssumptions.Real,
                "positive" => Positive,
                "negative" => Negative,
                "nonnegative" => SymAssumptions.Real | SymAssumptions.NonNegative,
                "nonpositive" => SymAssumptions.Real | SymAssumptions.NonPositive,
                "nonzero" => SymAssumptions.Real | SymAssumptions.NonZero,
                "rational" => SymAssumptions.Real | SymAssumptions.Rational,
                "integer" => SymAssumptions.Real | SymAssumptions.Rational | SymAssumptions.Integer,
                _ => throw new UnsupportedException($"assumption {name} of sympy symbols"),
            };
        }

        if ((assumed & SymAssumptions.Real) != 0)
        {
            assumed |= SymAssumptions.Complex;
        }

        return (assumed & (SymAssumptions.NonNegative | SymAssumptions.NonPositive | SymAssumptions.NonZero))
            == (SymAssumptions.NonNegative | SymAssumptions.NonPositive | SymAssumptions.NonZero)
            ? throw new UnsupportedException("contradicting assumptions of sympy symbols")
            : assumed;
    }

    public static bool? IsReal(Vm vm, SymExpr value)
    {
        switch (value)
        {
            case SymNumber or SymFloat:
                return true;
            case SymSymbol symbol:
                return symbol.Assumed.HasFlag(SymAssumptions.Real) ? true : null;
            case SymConstant constant:
                return constant == SymConstant.Pi || constant == SymConstant.E ? true : false;
            case SymAdd or SymMul when value.Args.All(a => IsReal(vm, a) == true):
                return true;
            case SymPow power when IsReal(vm, power.Base) == true && IsReal(vm, power.Exponent) == true
                && (power.Exponent is SymNumber { IsWhole: true } whole
                    ? whole.Sign > 0 || Sign(vm, power.Base) is not (null or 0)
                    : IsNonNegative(vm, power.Base) == true && Sign(vm, power.Exponent) > 0 || Sign(vm, power.Base) > 0):
                return true;
            case SymFunction { Name: "Abs" }:
                return true;
            case SymFunction { Name: "exp" or "sin" or "cos" or "floor" or "ceiling" or "sign" or "atan" } function
                when IsReal(vm, function.Argument) == true:
                return true;
            case SymFunction { Name: "log" } function when Sign(vm, function.Argument) > 0:
                return true;
        }

        if (!value.IsNumber)
        {
            return null;
        }

        var (_, imaginary) = SymNumeric.Complex(vm, value);
        return imaginary.IsZero ? true : SymNumeric.IsSure(vm, value, imaginary: true) ? false : null;
    }

    /// <summary>1 where it is positive, -1 where negative, 0 where zero; null where that is not known or it is not real.</summary>
    public static int? Sign(Vm vm, SymExpr value)
    {
        switch (value)
        {
            case SymNumber number:
                return number.Sign;
            case SymFloat real:
                return Math.Sign(real.Value);
            case SymConstant constant:
                return constant == SymConstant.Pi || constant == SymConstant.E || constant == SymConstant.Infinity ? 1
                    : constant == SymConstant.MinusInfinity ? -1 : null;
            case SymSymbol symbol:
                return symbol.Assumed.HasFlag(Positive) ? 1 : symbol.Assumed.HasFlag(Negative) ? -1 : null;
        }

        if (value.IsNumber)
        {
            var (real, imaginary) = SymNumeric.Complex(vm, value);
            return imaginary.IsZero && SymNumeric.IsSure(vm, value, imaginary: false) ? real.Sign : null;
        }

        switch (value)
        {
            case SymMul product:
                var sign = 1;
                foreach (var factor in product.Args)
                {
                    if (Sign(vm, factor) is not { } one)
                    {
                        return null;
                    }

                    sign *= one;
                }

                return sign;
            case SymAdd sum:
                var hasStrict = false;
                foreach (var direction in (ReadOnlySpan<int>)[1, -1])
                {
                    hasStrict = false;
                    if (sum.Args.All(t => (direction > 0 ? IsNonNegative(vm, t) : IsNonNegative(vm, SymOps.Negate(vm, t))) == true))
                    {
                        hasStrict = sum.Args.Any(t => Sign(vm, t) == direction);
                        if (hasStrict)
                        {
                            return direction;
                        }
                    }
                }

                return null;
            case SymPow power when Sign(vm, power.Base) > 0 && IsReal(vm, power.Exponent) == true:
                return 1;
            case SymPow { Exponent: SymNumber { IsWhole: true } whole } power when Sign(vm, power.Base) < 0:
                return whole.P.IsEven ? 1 : -1;
            case SymFunction { Name: "exp" } function when IsReal(vm, function.Argument) == true:
                return 1;
            default:
                return null;
        }
    }

    public static bool? IsNonNegative(Vm vm, SymExpr value)
    {
        if (Sign(vm, value) is { } sign)
        {
            return sign >= 0;
        }

        return value switch
        {
            SymSymbol symbol when symbol.Assumed.HasFlag(SymAssumptions.NonNegative) => true,
            SymMul product when product.Args.All(f => IsNonNegative(vm, f) == true) => true,
            SymAdd sum when sum.Args.All(t => IsNonNegative(vm, t) == true) => true,
            SymPow power when IsNonNegative(vm, power.Base) == true && IsReal(vm, power.Exponent) == true => true,
            SymPow { Exponent: SymNumber { IsWhole: true, P.IsEven: true } } even when IsReal(vm, even.Base) == true => true,
            SymFunction { Name: "Abs" } => true,
            _ => null,
        };
    }

    public static bool? IsInteger(Vm vm, SymExpr value)
    {
        switch (value)
        {
            case SymNumber number:
                return number.IsWhole;
            case SymFloat real:
                // Sympy 1.11 takes no float for an integer, not even a whole one.
                return real.Value == Math.Floor(real.Value) ? null : false;
            case SymSymbol symbol:
                return symbol.Assumed.HasFlag(SymAssumptions.Integer) ? true : null;
            case SymConstant:
                return false;
            case SymFunction { Name: "floor" or "ceiling" }:
                return true;
            case SymAdd or SymMul when value.Args.All(a => IsInteger(vm, a) == true):
                return true;
            case SymPow { Exponent: SymNumber { IsWhole: true, Sign: > 0 } } power when IsInteger(vm, power.Base) == true:
                return true;
        }

        if (!value.IsNumber)
        {
            return null;
        }

        var (real1, imaginary) = SymNumeric.Complex(vm, value);
        if (!imaginary.IsZero)
        {
            return SymNumeric.IsSure(vm, value, imaginary: true) ? false : null;
        }

        // A number that is far from all whole ones is none.
        var distance = real1.Add(-new BigReal(real1.Add(BigReal.One.Scale(-1), SymNumeric.Bits).Floor(), 0), SymNumeric.Bits);
        return distance.IsZero || distance.Magnitude < -40 ? null : false;
    }

    /// <summary>Whether a solution agrees with what is assumed of its symbol: false, true, or null where that is not known.</summary>
    public static bool? Allows(Vm vm, SymSymbol symbol, SymExpr value)
    {
        var assumed = symbol.Assumed;
        if (assumed == SymAssumptions.None)
        {
            return true;
        }

        bool? result = true;
        void Ask(bool? answer)
        {
            if (answer != true)
            {
                result = result == false || answer == false ? false : null;
            }
        }

        if (assumed.HasFlag(SymAssumptions.Real))
        {
            Ask(IsReal(vm, value));
        }

        if ((assumed & (SymAssumptions.NonNegative | SymAssumptions.NonPositive | SymAssumptions.NonZero)) != 0)
        {
            var sign = Sign(vm, value);
            bool? OfSign(bool? known, Func<int, bool> test) => sign is { } s ? test(s) : known;
            if (assumed.HasFlag(SymAssumptions.NonNegative))
            {
                Ask(OfSign(IsNonNegative(vm, value), s => s >= 0));
            }

            if (assumed.HasFlag(SymAssumptions.NonPositive))
            {
                Ask(OfSign(IsNonNegative(vm, SymOps.Negate(vm, value)), s => s <= 0));
            }

            if (assumed.HasFlag(SymAssumptions.NonZero))
            {
                Ask(OfSign(null, s => s != 0));
            }
        }

        if (assumed.HasFlag(SymAssumptions.Integer) || assumed.HasFlag(SymAssumptions.Rational))
        {
            if (value is SymFloat)
            {
                throw new UnsupportedException("solve for integer symbols with floats");
            }

            if (assumed.HasFlag(SymAssumptions.Integer))
            {
                Ask(IsInteger(vm, value));
            }
            else
            {
                Ask(value is SymNumber ? true : throw new UnsupportedException("solve for rational symbols"));
            }
        }

        return result;
    }
}
