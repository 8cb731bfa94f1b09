using Reft.Python.Runtime;

namespace Reft.Python.Library.SymPy;

/// <summary><c>simplify</c> and <c>factor</c>: the value is sympy's; where the form may differ, its text is refused.</summary>
internal static class SymSimplify
{
    public static SymExpr Unsure(Vm vm, SymExpr value)
    {
        vm.HasUnsureForms |= value is not (SymNumber or SymFloat or SymSymbol or SymConstant);
        return value;
    }

    public static SymExpr Simplify(Vm vm, SymExpr value)
    {
        if (value is SymNumber or SymFloat or SymSymbol or SymConstant)
        {
            return value;
        }

        if (value.IsNumber)
        {
            var simple = SymRadicals.Simplify(vm, value);
            var isPlain = (simple is SymAdd sum ? sum.Args : [simple]).All(t => SymOps.Coefficient(t) is var (f, rest)
                && f is SymNumber && rest is SymNumber or SymPow { Base: SymNumber { IsWhole: true } });
            return isPlain && (simple is not SymAdd { Args.Count: > 2 }) ? simple : Unsure(vm, simple);
        }

        if (value.Has(e => e is SymFunction))
        {
            throw new UnsupportedException("simplify of an expression with functions");
        }

        var (top, bottom) = SymFraction.Of(vm, value);
        var above = SymExpand.Expand(vm, top);
        if (above.IsZero)
        {
            return above;
        }

        if (bottom.IsNumber)
        {
            return Unsure(vm, SymExpand.Expand(vm, SymOps.Divide(vm, above, bottom)));
        }

        return Unsure(vm, Cancel(vm, above, SymExpand.Expand(vm, bottom)));
    }

    /// <summary>The factors over the rational numbers of a polynomial in one symbol.</summary>
    public static SymExpr Factor(Vm vm, SymExpr value)
    {
        if (value.IsNumber)
        {
            return value is SymNumber or SymFloat ? value : throw new UnsupportedException("factor of a number with roots");
        }

        if (value.Symbols() is not [var symbol] || SymPolynomial.Coefficients(vm, value, symbol) is not { } coefficients
            || SymPolynomial.Primitive(vm, coefficients) is not var (whole, content))
        {
            throw new UnsupportedException("factor of other than a polynomial in one symbol with rational coefficients");
        }

        var factors = new List<SymExpr>();
        foreach (var (factor, count) in SymPolynomial.Factor(vm, whole))
        {
            var expression = SymPolynomial.ToExpression(vm, factor, symbol);
            factors.Add(count == 1 ? expression : SymOps.Power(vm, expression, SymNumber.Of(count)));
        }

        // A number before a single sum is not multiplied in again, save a mere sign before an irreducible one.
        return factors is [SymAdd] && content.IsMinusOne ? SymExpand.Expand(vm, value)
            : factors.Count == 1 && content.IsOne ? factors[0]
            : factors.Exists(f => f is SymMul) ? throw new UnsupportedException("factor of this polynomial")
            : Product(content, factors);
    }

    private static SymMul Product(SymNumber content, List<SymExpr> factors)
    {
        factors.Sort((a, b) => string.CompareOrdinal(a.Key, b.Key));
        return new SymMul(content.IsOne ? [.. factors] : [content, .. factors]);
    }

    private static SymExpr Cancel(Vm vm, SymExpr top, SymExpr bottom)
    {
        var symbols = top.Symbols().Concat(bottom.Symbols()).DistinctBy(s => s.Key).ToList();
        if (symbols is [var symbol]
            && SymPolynomial.Coefficients(vm, top, symbol) is { } a && SymPolynomial.Coefficients(vm, bottom, symbol) is { } b
            && SymPolynomial.Primitive(vm, a) is var (above, contentAbove) && SymPolynomial.Primitive(vm, b) is var (below, contentBelow))
        {
            foreach (var (factor, count) in SymPolynomial.Factor(vm, below))
            {
                for (var i = 0; i < count && above.Count >= factor.Count && SymPolynomial.Divide(above, factor) is { } rest; i++)
                {
                    above = rest;
                    below = SymPolynomial.Divide(below, factor)!; // it is a factor
                }
            }

            return SymOps.Divide(
                vm,
                SymExpand.Expand(vm, SymOps.Multiply(vm, contentAbove.Over(vm, contentBelow), SymPolynomial.ToExpression(vm, above, symbol))),
                SymPolynomial.ToExpression(vm, below, symbol));
        }

        return SymOps.Divide(vm, top, bottom);
    }
}
