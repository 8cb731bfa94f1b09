using System.Numerics;
using Reft.Python.Runtime;

namespace Reft.Python.Library.SymPy;

/// <summary>Powers, by what they are of.</summary>
internal static class SymPowers
{
    /// <summary>The largest prime that is looked for in a root's radicand, as sympy's limit for trial division.</summary>
    private const int LargestFactor = 32768;

    public static SymExpr OfFloats(Vm vm, SymExpr @base, SymExpr exponent)
    {
        var value = SymNumeric.Value(vm, @base);
        var power = SymNumeric.Value(vm, exponent);
        var bits = Math.Min((@base as SymFloat)?.Bits ?? SymFloat.UsualBits, (exponent as SymFloat)?.Bits ?? SymFloat.UsualBits);
        if (value == 0)
        {
            return power > 0 ? SymNumber.Zero : SymConstant.ComplexInfinity;
        }

        if (value < 0 && power != Math.Floor(power))
        {
            throw new UnsupportedException("powers of negative floats in sympy");
        }

        var work = SymNumeric.Bits;
        BigReal result;
        if (power == Math.Floor(power) && Math.Abs(power) < 10_000)
        {
            result = BigReal.One;
            for (var i = 0; i < (int)Math.Abs(power); i++)
            {
                vm.Tick();
                result = result.Multiply(SymNumeric.Exact(@base, work), work);
            }

            result = power < 0 ? BigReal.One.Divide(result, work) : result;
        }
        else
        {
            var size = SymNumeric.Exact(@base, work);
            result = size.Abs().Log(work).Multiply(SymNumeric.Exact(exponent, work), work).Exp(work);
            result = size.Sign < 0 && power % 2 != 0 ? -result : result;
        }

        return SymFloat.Make(result.ToDouble(), bits) is SymFloat real ? real : throw new UnsupportedException("floats of sympy out of range");
    }

    /// <summary>A rational number to a rational power: whole parts are taken out of the root.</summary>
    public static SymExpr OfRational(Vm vm, SymNumber @base, SymNumber exponent)
    {
        if (exponent.IsWhole)
        {
            if (BigInteger.Abs(exponent.P) > 1_000_000)
            {
                throw new UnsupportedException("large powers in sympy");
            }

            var times = (int)BigInteger.Abs(exponent.P);
            vm.CheckBits((double)Math.Max(@base.P.GetBitLength(), @base.Q.GetBitLength()) * times - times);
            var (p, q) = (BigInteger.Pow(@base.P, times), BigInteger.Pow(@base.Q, times));
            return exponent.Sign > 0 ? new SymNumber(p, q) : SymNumber.Ratio(vm, q, p);
        }

        if (@base.IsMinusOne)
        {
            return OfMinusOne(vm, exponent);
        }

        if (@base.Sign < 0)
        {
            // (-n)**e is n**e times (-1)**e, and (-1)**(1/2) is the imaginary unit.
            return SymOps.Multiply(vm, OfRational(vm, @base.Magnitude(), exponent), OfMinusOne(vm, exponent));
        }

        if (!@base.IsWhole)
        {
            return SymOps.Multiply(
                vm, OfRational(vm, SymNumber.Of(@base.P), exponent), OfRational(vm, SymNumber.Of(@base.Q), exponent.Negated()));
        }

        if (@base.IsOne)
        {
            return SymNumber.One;
        }

        return OfNatural(vm, @base.P, exponent);
    }

    /// <summary>(-1) to a power: the whole part gives signs, the rest lies in (0, 1), and one half is I.</summary>
    private static SymExpr OfMinusOne(Vm vm, SymNumber exponent)
    {
        var whole = Ints.FloorDivide(exponent.P, exponent.Q, out var rest);
        SymExpr root = exponent.Q == 2 ? SymConstant.I : new SymPow(SymNumber.MinusOne, new SymNumber(rest, exponent.Q));
        return whole.IsEven ? root : SymOps.Negate(vm, root);
    }

    /// <summary>As sympy's Integer does: whole powers of primes leave the root, the rest shares one.</summary>
    private static SymExpr OfNatural(Vm vm, BigInteger value, SymNumber exponent)
    {
        if (exponent.Sign < 0)
        {
            var whole = -Ints.FloorDivide(exponent.P, exponent.Q, out var rest);
            return SymOps.Multiply(
                vm,
                OfNatural(vm, value, new SymNumber(rest, exponent.Q)),
                OfRational(vm, new SymNumber(BigInteger.One, value), SymNumber.Of(whole)));
        }

        SymExpr outside = SymNumber.One;
        var parts = new List<SymExpr>();
        var shared = new List<(BigInteger Prime, BigInteger Count)>();
        foreach (var (prime, count) in Factors(vm, value))
        {
            var whole = BigInteger.DivRem(count * exponent.P, exponent.Q, out var rest);
            if (!whole.IsZero)
            {
                outside = SymOps.MultiplyNumbers(vm, outside, OfRational(vm, SymNumber.Of(prime), SymNumber.Of(whole)));
            }

            if (rest.IsZero)
            {
                continue;
            }

            var common = BigInteger.GreatestCommonDivisor(rest, exponent.Q);
            if (common.IsOne)
            {
                shared.Add((prime, rest));
            }
            else
            {
                parts.Add(new SymPow(SymNumber.Of(prime), new SymNumber(rest / common, exponent.Q / common)));
            }
        }

        if (shared.Count > 0)
        {
            var common = shared.Aggregate(BigInteger.Zero, (g, s) => BigInteger.GreatestCommonDivisor(g, s.Count));
            var radicand = shared.Aggregate(BigInteger.One, (p, s) => p * BigInteger.Pow(s.Prime, (int)(s.Count / common)));
            parts.Add(new SymPow(SymNumber.Of(radicand), SymNumber.Ratio(vm, common, exponent.Q)));
        }

        return parts.Count == 0 ? outside : outside.IsOne && parts.Count == 1 ? parts[0] : RawProduct(outside, parts);
    }

    private static SymMul RawProduct(SymExpr number, List<SymExpr> parts)
    {
        parts.Sort((a, b) => string.CompareOrdinal(a.Key, b.Key));
        return number.IsOne ? new SymMul([.. parts]) : new SymMul([number, .. parts]);
    }

    /// <summary>The prime factors that trial division finds; what is left counts as one.</summary>
    public static List<(BigInteger Prime, int Count)> Factors(Vm vm, BigInteger value)
    {
        var found = new List<(BigInteger, int)>();
        for (BigInteger prime = 2; prime * prime <= value && prime < LargestFactor; prime += prime == 2 ? 1 : 2)
        {
            vm.Tick();
            var count = 0;
            while ((value % prime).IsZero)
            {
                value /= prime;
                count++;
            }

            if (count > 0)
            {
                found.Add((prime, count));
            }
        }

        if (value > LargestFactor * (BigInteger)LargestFactor)
        {
            var root = Ints.SquareRoot(value);
            if (root * root == value)
            {
                found.Add((root, 2));
                return found;
            }
        }

        if (!value.IsOne)
        {
            found.Add((value, 1));
        }

        return found;
    }

    public static SymExpr OfExpression(Vm vm, SymExpr @base, SymExpr exponent)
    {
        if (exponent is SymNumber { IsWhole: true } whole)
        {
            switch (@base)
            {
                case SymMul product:
                    return SymOps.Multiply(vm, [.. product.Args.Select(f => SymOps.Power(vm, f, whole))]);
                case SymPow power:
                    return SymOps.Power(vm, power.Base, SymOps.Multiply(vm, power.Exponent, whole));
                case SymFunction { Name: "exp" } exponential:
                    return SymFunctions.Exp(vm, SymOps.Multiply(vm, exponential.Argument, whole));
                case SymFunction { Name: "Abs" } size when whole.P.IsEven && SymAssume.IsReal(vm, size.Argument) == true:
                    return SymOps.Power(vm, size.Argument, whole);
            }

            return new SymPow(@base, exponent);
        }

        switch (@base)
        {
            case SymMul product:
                return RootOfProduct(vm, product, exponent);
            case SymPow { Exponent: SymNumber inner } power when exponent is SymNumber outer:
                return RootOfPower(vm, power, inner, outer);
            case SymPow power when SymAssume.Sign(vm, power.Base) > 0 && SymAssume.IsReal(vm, power.Exponent) == true:
                return SymOps.Power(vm, power.Base, SymOps.Multiply(vm, power.Exponent, exponent));
            case SymFunction { Name: "exp" } exponential when SymAssume.IsReal(vm, exponential.Argument) == true
                && exponent is SymNumber:
                return SymFunctions.Exp(vm, SymOps.Multiply(vm, exponential.Argument, exponent));
        }

        return new SymPow(@base, exponent);
    }

    /// <summary>Factors that are known to be positive leave the root; a sign that is known goes with the rest.</summary>
    private static SymExpr RootOfProduct(Vm vm, SymMul product, SymExpr exponent)
    {
        var outside = new List<SymExpr>();
        var inside = new List<SymExpr>();
        foreach (var factor in product.Args)
        {
            if (factor is SymNumber { Sign: < 0 } negative)
            {
                inside.Add(SymNumber.MinusOne);
                if (!negative.IsMinusOne)
                {
                    outside.Add(SymOps.Power(vm, negative.Magnitude(), exponent));
                }
            }
            else if (factor is SymFloat)
            {
                throw new UnsupportedException("roots of expressions with floats");
            }
            else if (SymAssume.Sign(vm, factor) is > 0 || SymAssume.IsNonNegative(vm, factor) == true)
            {
                outside.Add(SymOps.Power(vm, factor, exponent));
            }
            else
            {
                inside.Add(factor);
            }
        }

        if (outside.Count == 0)
        {
            return new SymPow(product, exponent);
        }

        if (inside.Count > 0)
        {
            var rest = SymOps.Multiply(vm, [.. inside]);
            outside.Add(rest is SymMul left && !left.Args.Any(f => f is SymNumber { Sign: > 0 } && !f.IsOne)
                ? new SymPow(left, exponent)
                : SymOps.Power(vm, rest, exponent));
        }

        return SymOps.Multiply(vm, [.. outside]);
    }

    private static SymExpr RootOfPower(Vm vm, SymPow power, SymNumber inner, SymNumber outer)
    {
        var joined = inner.Times(vm, outer);
        if (SymAssume.IsNonNegative(vm, power.Base) == true
            // The inner power keeps the argument within (-pi, pi].
            || (inner.Sign > 0 && inner.CompareTo(SymNumber.One) < 0) || inner.IsMinusOne && SymAssume.Sign(vm, power.Base) > 0)
        {
            return SymOps.Power(vm, power.Base, joined);
        }

        if (inner.Is(2) && outer.Q == 2 && outer.P.IsOne && SymAssume.IsReal(vm, power.Base) == true)
        {
            return SymFunctions.Abs(vm, power.Base);
        }

        if (inner.IsWhole && SymAssume.IsReal(vm, power.Base) == true)
        {
            throw new UnsupportedException("roots of powers of real expressions");
        }

        return new SymPow(power, outer);
    }
}
