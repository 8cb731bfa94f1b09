using System.Text;
using Reft.Python.Runtime;

namespace Reft.Python.Library.SymPy;

/// <summary>The text of expressions, where it is sure to be sympy's: numbers, and polynomials in one symbol.</summary>
internal static class SymText
{
    public static string Write(Vm vm, SymExpr expression)
    {
        if (expression.Rational is { } rational)
        {
            return rational.Str(vm);
        }

        var names = expression.Terms.Keys.SelectMany(m => m.Powers.Keys).Distinct().ToList();
        var hasRoots = expression.Terms.Keys.Any(m => !m.Radicand.IsOne);
        if (expression.IsOpaque || names.Count > 1 || (names.Count == 1 && hasRoots)
            || expression.Terms.Keys.Any(m => m.Powers.Values.Any(p => p < 1))
            || (hasRoots && expression.Terms.Count > 2)
            || (hasRoots && expression.Terms.Count == 2 && !expression.Terms.ContainsKey(Monomial.One)))
        {
            throw new UnsupportedException("text of this sympy expression");
        }

        // Polynomials fall in degree; a number stands before its root.
        var terms = expression.Terms.OrderByDescending(t => t.Key.Powers.Values.FirstOrDefault()).ToList();
        if (hasRoots && terms.Count == 2 && !terms[0].Key.IsOne)
        {
            terms.Reverse();
        }

        if (terms.Count > 1 && (names is [SymExpr.Pi] || (terms[0].Value.Numerator.Sign < 0 && !terms[0].Key.IsOne)))
        {
            throw new UnsupportedException("text of this sympy expression");
        }

        var text = new StringBuilder();
        foreach (var (monomial, value) in terms)
        {
            var negative = value.Numerator.Sign < 0;
            text.Append(text.Length == 0 ? (negative ? "-" : "") : negative ? " - " : " + ");
            text.Append(Term(vm, monomial, value.Abs()));
        }

        return text.ToString();
    }

    private static string Term(Vm vm, Monomial monomial, PyFraction value)
    {
        if (monomial.IsOne)
        {
            return value.Str(vm);
        }

        var factor = monomial.Radicand.IsOne
            ? monomial.Powers.Single() is var (name, power)
                ? (name == SymExpr.Pi ? "pi" : name) + (power == 1 ? "" : FormattableString.Invariant($"**{power}"))
                : ""
            : $"sqrt({monomial.Radicand})";
        return (value.Numerator.IsOne ? factor : $"{value.Numerator}*{factor}")
            + (value.Denominator.IsOne ? "" : $"/{value.Denominator}");
    }
}
