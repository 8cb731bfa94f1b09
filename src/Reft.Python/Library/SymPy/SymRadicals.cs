using System.Numerics;
using Reft.Python.Runtime;

namespace Reft.Python.Library.SymPy;

/// <summary>Numbers with square roots, multiplied out and without roots in denominators.</summary>
internal static class SymRadicals
{
    private const int MostRounds = 8;

    public static SymExpr Simplify(Vm vm, SymExpr value)
    {
        var result = SymExpand.Expand(vm, value);
        for (var i = 0; i < MostRounds; i++)
        {
            var terms = result is SymAdd sum ? sum.Args : [result];
            if (!terms.Any(t => Denominator(t) is not null))
            {
                return result;
            }

            result = SymExpand.Expand(vm, SymOps.Add(vm, [.. terms.Select(t => Denominator(t) is { } bottom ? Free(vm, t, bottom) : t)]));
        }

        return result;
    }

    /// <summary>The inverse of a sum with a square root in a term.</summary>
    private static SymPow? Denominator(SymExpr term) => (term is SymMul product ? product.Args : [term])
        .OfType<SymPow>()
        .FirstOrDefault(p => p is { Base: SymAdd, Exponent: SymNumber { IsWhole: true, Sign: < 0 } } && p.Base.IsNumber && RootOf(p.Base) is not null);

    private static SymPow? RootOf(SymExpr sum) => sum.Args
        .SelectMany(t => t is SymMul product ? product.Args : [t])
        .OfType<SymPow>()
        .FirstOrDefault(p => p is { Base: SymNumber { IsWhole: true, Sign: > 0 }, Exponent: SymNumber { P.IsOne: true } half } && half.Q == 2);

    private static SymExpr Free(Vm vm, SymExpr term, SymPow bottom)
    {
        var root = RootOf(bottom.Base)!; // Denominator saw one
        // The same radicand in every term changes its sign.
        var other = SymOps.Add(vm, [.. bottom.Base.Args.Select(t => (t is SymMul product ? product.Args : [t]).Any(f => f.Key == root.Key)
            ? SymOps.Negate(vm, t)
            : t)]);
        var times = BigInteger.Abs(((SymNumber)bottom.Exponent).P);
        if (times > 4)
        {
            throw new UnsupportedException("powers of sums with roots");
        }

        var below = SymExpand.Products(vm, bottom.Base, other);
        if (below.IsZero)
        {
            throw new UnsupportedException("a denominator with roots that is zero");
        }

        return SymOps.Multiply(
            vm, SymOps.Divide(vm, term, bottom), SymOps.Power(vm, other, SymNumber.Of(times)), SymOps.Power(vm, below, SymNumber.Of(-times)));
    }
}
