using Reft.Python.Runtime;

namespace Reft.Python.Library.SymPy;

/// <summary>An expression over one denominator.</summary>
internal static class SymFraction
{
    public static (SymExpr Top, SymExpr Bottom) Of(Vm vm, SymExpr value)
    {
        vm.Enter();
        vm.Charge(10);
        var result = OfNode(vm, value);
        vm.Leave();
        return result;
    }

    /// <summary>The expression over one denominator, multiplied out above; numbers are taken together.</summary>
    public static SymExpr Together(Vm vm, SymExpr value)
    {
        var (top, bottom) = Of(vm, value);
        return SymOps.Divide(vm, SymExpand.Expand(vm, top), bottom);
    }

    private static (SymExpr Top, SymExpr Bottom) OfNode(Vm vm, SymExpr value)
    {
        switch (value)
        {
            case SymNumber number:
                return (SymNumber.Of(number.P), SymNumber.Of(number.Q));
            case SymPow { Exponent: SymNumber { IsWhole: true } power } inner:
                var (a, b) = Of(vm, inner.Base);
                var size = power.Magnitude();
                return power.Sign > 0
                    ? (SymOps.Power(vm, a, size), SymOps.Power(vm, b, size))
                    : (SymOps.Power(vm, b, size), SymOps.Power(vm, a, size));
            case SymPow { Exponent: SymNumber { Sign: < 0 } negative } root:
                return (SymNumber.One, SymOps.Power(vm, root.Base, negative.Negated()));
            case SymMul product:
                var parts = product.Args.Select(f => Of(vm, f)).ToList();
                return (SymOps.Multiply(vm, [.. parts.Select(p => p.Top)]), SymOps.Multiply(vm, [.. parts.Select(p => p.Bottom)]));
            case SymAdd sum:
                var terms = sum.Args.Select(t => Of(vm, t)).ToList();
                var bottom = terms.Aggregate((SymExpr)SymNumber.One, (l, t) => Common(vm, l, t.Bottom));
                return (SymOps.Add(vm, [.. terms.Select(t => SymOps.Multiply(vm, t.Top, SymOps.Divide(vm, bottom, t.Bottom)))]), bottom);
            default:
                return (value, SymNumber.One);
        }
    }

    /// <summary>A common multiple of two denominators: each base to its higher power.</summary>
    private static SymExpr Common(Vm vm, SymExpr a, SymExpr b)
    {
        var powers = new Dictionary<string, (SymExpr Base, SymNumber Power)>(StringComparer.Ordinal);
        SymNumber number = SymNumber.One;
        foreach (var (side, isFirst) in (ReadOnlySpan<(SymExpr, bool)>)[(a, true), (b, false)])
        {
            foreach (var factor in side is SymMul product ? product.Args : [side])
            {
                switch (factor)
                {
                    case SymNumber { IsWhole: true } whole:
                        var size = System.Numerics.BigInteger.Abs(whole.P);
                        number = SymNumber.Of(number.P * size / System.Numerics.BigInteger.GreatestCommonDivisor(number.P, size));
                        break;
                    default:
                        var (@base, power) = factor is SymPow { Exponent: SymNumber exponent } raised ? (raised.Base, exponent) : (factor, SymNumber.One);
                        if (!powers.TryGetValue(@base.Key, out var known) || known.Power.CompareTo(power) < 0)
                        {
                            powers[@base.Key] = (@base, power);
                        }

                        break;
                }
            }
        }

        return SymOps.Multiply(vm, [number, .. powers.Values.Select(p => SymOps.Power(vm, p.Base, p.Power))]);
    }
}
