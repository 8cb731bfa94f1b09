using Reft.Python.Runtime;

namespace Reft.Python.Library.SymPy;

/// <summary>Multiplies out products and powers of sums.</summary>
internal static class SymExpand
{
    private const int MostTerms = 4000;

    public static SymExpr Expand(Vm vm, SymExpr value)
    {
        vm.Enter();
        vm.Charge(10);
        var result = OfNode(vm, value);
        vm.Leave();
        return result;
    }

    private static SymExpr OfNode(Vm vm, SymExpr value)
    {
        switch (value)
        {
            case SymAdd sum:
                return SymOps.Add(vm, [.. sum.Args.Select(t => Expand(vm, t))]);
            case SymMul product when Bottom(product) is { Count: > 0 } bottom && (bottom.Count > 1 || product.Args[0] is SymNumber { IsWhole: false }):
                // Several denominators are multiplied out together.
                var number = product.Args[0] as SymNumber ?? SymNumber.One;
                var below = Expand(vm, SymOps.Multiply(
                    vm,
                    SymNumber.Of(number.Q),
                    SymOps.Multiply(vm, [.. bottom.Select(p => SymOps.Power(vm, p.Base, ((SymNumber)p.Exponent).Negated()))])));
                var above = Expand(vm, SymOps.Multiply(
                    vm, [SymNumber.Of(number.P), .. product.Args.Where(f => !bottom.Contains(f) && f is not SymNumber)]));
                var oneOver = SymOps.Power(vm, below, SymNumber.MinusOne);
                return SymOps.Add(vm, [.. (above is SymAdd tops ? tops.Args : [above]).Select(t => SymOps.Multiply(vm, t, oneOver))]);
            case SymMul product:
                var total = new List<SymExpr> { SymNumber.One };
                foreach (var factor in product.Args)
                {
                    var expanded = Expand(vm, factor);
                    var terms = expanded is SymAdd sum ? sum.Args : [expanded];
                    if ((long)total.Count * terms.Count > MostTerms)
                    {
                        throw new UnsupportedException("expansion beyond the budget of 4000 terms");
                    }

                    var next = SymOps.Add(vm, [.. total.SelectMany(a => terms.Select(b => SymOps.Multiply(vm, a, b)))]);
                    total = next is SymAdd made ? [.. made.Args] : [next];
                }

                var result = SymOps.Add(vm, [.. total]);
                // Two sums that were hidden in powers may meet only now.
                return result.Key == value.Key || !NeedsExpansion(result) ? result : Expand(vm, result);
            case SymPow { Exponent: SymNumber { IsWhole: true, Sign: > 0 } power } inner:
                var @base = Expand(vm, inner.Base);
                if (@base is not SymAdd)
                {
                    return SymOps.Power(vm, @base, power);
                }

                if (power.P > 200)
                {
                    throw new UnsupportedException("expansion of a large power");
                }

                SymExpr raised = SymNumber.One;
                for (var i = 0; i < (int)power.P; i++)
                {
                    raised = Products(vm, raised, @base);
                }

                return raised;
            case SymPow { Exponent: SymNumber { IsWhole: true } negative } inverse when Expand(vm, inverse.Base) is SymAdd bottom:
                // The denominator is multiplied out, too.
                return SymOps.Power(vm, Expand(vm, new SymPow(bottom, negative.Negated()) is var positive && negative.IsMinusOne ? bottom : positive), SymNumber.MinusOne);
            case SymPow { Exponent: SymAdd exponents } power:
                return SymOps.Multiply(vm, [.. exponents.Args.Select(e => SymOps.Power(vm, Expand(vm, power.Base), Expand(vm, e)))]);
            case SymPow power:
                return SymOps.Power(vm, Expand(vm, power.Base), Expand(vm, power.Exponent));
            case SymFunction function:
                return SymMethods.Rebuild(vm, function, [.. function.Args.Select(a => Expand(vm, a))]);
            default:
                return value;
        }
    }

    /// <summary>The denominators of a product, where a sum is among them.</summary>
    private static List<SymPow> Bottom(SymMul product)
    {
        var powers = product.Args.OfType<SymPow>().Where(p => p.Exponent is SymNumber { IsWhole: true, Sign: < 0 }).ToList();
        return powers.Exists(p => p.Base is SymAdd) ? powers : [];
    }

    /// <summary>The product of two expanded expressions, expanded.</summary>
    public static SymExpr Products(Vm vm, SymExpr a, SymExpr b)
    {
        var (left, right) = (a is SymAdd x ? x.Args : [a], b is SymAdd y ? y.Args : [b]);
        if ((long)left.Count * right.Count > MostTerms)
        {
            throw new UnsupportedException("expansion beyond the budget of 4000 terms");
        }

        var result = SymOps.Add(vm, [.. left.SelectMany(p => right.Select(q => SymOps.Multiply(vm, p, q)))]);
        return NeedsExpansion(result) ? Expand(vm, result) : result;
    }

    private static bool NeedsExpansion(SymExpr value) => (value is SymAdd sum ? sum.Args : [value]).Any(
        t => t is SymPow { Base: SymAdd, Exponent: SymNumber { IsWhole: true, Sign: > 0 } }
            || (t is SymMul product && product.Args.Any(
                f => f is SymAdd || f is SymPow { Base: SymAdd, Exponent: SymNumber { IsWhole: true, Sign: > 0 } })));
}
