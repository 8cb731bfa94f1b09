using System.Numerics;
using System.Text;

namespace Reft.Answers.Algebra;

/// <summary>A sum of monomials with exact coefficients, none of them 0. What would grow too large is null.</summary>
internal sealed class Polynomial
{
    private const int MaxTerms = 300;
    private const int MaxDegree = 60;
    private const int MaxBits = 6000;

    private readonly Dictionary<Monomial, Rational> _terms;

    private Polynomial(Dictionary<Monomial, Rational> terms) => _terms = terms;

    /// <summary>The empty sum.</summary>
    public static Polynomial Zero { get; } = new([]);

    /// <summary>The number 1.</summary>
    public static Polynomial One { get; } = Of(1);

    /// <summary>Whether this is 0.</summary>
    public bool IsZero => _terms.Count == 0;

    /// <summary>The terms in their order: higher degrees first.</summary>
    public IEnumerable<KeyValuePair<Monomial, Rational>> Terms => _terms.OrderBy(term => term.Key);

    /// <summary>How many terms there are.</summary>
    public int Count => _terms.Count;

    /// <summary>The unknowns in it.</summary>
    public IEnumerable<string> Unknowns => Atoms.SelectMany(atom => atom.Unknowns).Distinct();

    /// <summary>The atoms in it.</summary>
    public IEnumerable<Atom> Atoms => _terms.Keys.SelectMany(term => term.Factors.Select(factor => factor.Atom)).Distinct();

    /// <summary>The value, where there is no atom in it.</summary>
    public Rational? Constant => _terms.Count == 0 ? 0
        : _terms.Count == 1 && _terms.TryGetValue(Monomial.One, out var value) ? value : null;

    /// <summary>A number.</summary>
    public static Polynomial Of(Rational value) =>
        value.Sign == 0 ? Zero : new(new Dictionary<Monomial, Rational> { [Monomial.One] = value });

    /// <summary>A monomial.</summary>
    public static Polynomial Of(Monomial monomial) => new(new Dictionary<Monomial, Rational> { [monomial] = 1 });

    /// <summary>The sum; null where the other is.</summary>
    public Polynomial? Plus(Polynomial? other)
    {
        if (other is null)
        {
            return null;
        }

        var terms = new Dictionary<Monomial, Rational>(_terms);
        foreach (var (monomial, value) in other._terms)
        {
            Add(terms, monomial, value);
        }

        return Checked(terms);
    }

    /// <summary>The product.</summary>
    public Polynomial? Times(Polynomial other)
    {
        var terms = new Dictionary<Monomial, Rational>();
        if ((long)_terms.Count * other._terms.Count > MaxTerms * MaxTerms)
        {
            return null;
        }

        foreach (var (left, a) in _terms)
        {
            foreach (var (right, b) in other._terms)
            {
                var monomial = left.Times(right, out var factor);
                Add(terms, monomial, a * b * factor);
            }
        }

        return Checked(terms);
    }

    /// <summary>Every coefficient times a number that is not 0.</summary>
    public Polynomial Scaled(Rational factor) =>
        new(_terms.ToDictionary(term => term.Key, term => term.Value * factor));

    /// <summary>The largest monomial that divides every term, roots and i left out.</summary>
    public Monomial? Common() => IsZero ? null : _terms.Keys.Aggregate((a, b) => a.Common(b)).Common(_terms.Keys.First());

    /// <summary>The quotient by a monomial that divides every term.</summary>
    public Polynomial Over(Monomial divisor) =>
        new(_terms.ToDictionary(term => term.Key.Over(divisor), term => term.Value));

    /// <summary>The number by which the other is to be multiplied to give this; null where there is none.</summary>
    public Rational? MultipleOf(Polynomial other)
    {
        if (IsZero || other.Count != Count)
        {
            return null;
        }

        Rational? ratio = null;
        foreach (var (monomial, value) in _terms)
        {
            if (!other._terms.TryGetValue(monomial, out var divisor) || (ratio is { } r && r != value / divisor))
            {
                return null;
            }

            ratio = value / divisor;
        }

        return ratio;
    }

    /// <summary>As a polynomial in one unknown of degree 1: its slope and the rest; null where it is none.</summary>
    public (Polynomial Slope, Polynomial Others)? Linear(string unknown)
    {
        var atom = Atom.Unknown(unknown);
        var slope = _terms.Where(term => term.Key.ExponentOf(atom) == 1).ToList();
        var rest = _terms.Where(term => term.Key.ExponentOf(atom) == 0).ToList();
        if (slope.Count == 0 || slope.Count + rest.Count < Count
            || Atoms.Any(other => other.Kind == AtomKind.Function && other.Unknowns.Contains(unknown)))
        {
            return null;
        }

        var one = Monomial.Of(atom);
        return (new(slope.ToDictionary(term => term.Key.Over(one), term => term.Value)), new(rest.ToDictionary()));
    }

    /// <summary>Its exact value with numbers for its unknowns; null where it has other atoms.</summary>
    public Rational? At(IReadOnlyDictionary<string, Rational> point)
    {
        Rational sum = 0;
        foreach (var (monomial, value) in _terms)
        {
            var product = value;
            foreach (var (atom, exponent) in monomial.Factors)
            {
                if (atom.Kind != AtomKind.Unknown)
                {
                    return null;
                }

                for (var k = 0; k < exponent; k++)
                {
                    product *= point[atom.Name];
                }
            }

            sum += product;
        }

        return sum;
    }

    /// <summary>Its value in floating point.</summary>
    /// <param name="unknowns">The value of every unknown.</param>
    public Complex Evaluate(Func<string, double> unknowns)
    {
        var sum = Complex.Zero;
        foreach (var (monomial, value) in Terms)
        {
            Complex product = value.ToDouble();
            foreach (var (atom, exponent) in monomial.Factors)
            {
                product *= Complex.Pow(atom.Evaluate(unknowns), exponent);
            }

            sum += product;
        }

        return sum;
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        if (IsZero)
        {
            return "0";
        }

        var text = new StringBuilder();
        foreach (var (monomial, value) in Terms)
        {
            text.Append(text.Length == 0 ? value.Sign < 0 ? "-" : "" : value.Sign < 0 ? " - " : " + ");
            var size = value.Magnitude;
            var name = monomial.ToString();
            text.Append(name.Length == 0 || size.Numerator != size.Denominator ? Plain(size) : "");
            text.Append(name.Length > 0 && size.Numerator != size.Denominator ? "*" : "").Append(name);
        }

        return text.ToString();
    }

    private static string Plain(Rational value) => value.IsInteger ? $"{value.Numerator}" : $"{value.Numerator}/{value.Denominator}";

    private static void Add(Dictionary<Monomial, Rational> terms, Monomial monomial, Rational value)
    {
        var sum = terms.TryGetValue(monomial, out var before) ? before + value : value;
        if (sum.Sign == 0)
        {
            terms.Remove(monomial);
        }
        else
        {
            terms[monomial] = sum;
        }
    }

    private static Polynomial? Checked(Dictionary<Monomial, Rational> terms) =>
        terms.Count <= MaxTerms && terms.All(term => term.Key.Degree <= MaxDegree
            && term.Value.Numerator.GetBitLength() <= MaxBits && term.Value.Denominator.GetBitLength() <= MaxBits)
            ? new(terms) : null;
}
