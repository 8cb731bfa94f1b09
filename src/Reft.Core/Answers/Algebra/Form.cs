using System.Numerics;

namespace Reft.Answers.Algebra;

/// <summary>
/// An expression as one fraction of two polynomials. Equality is decided by multiplying out, so that common factors need
/// not be found. What would grow too large, and a division by zero, is null.
/// </summary>
internal sealed class Form
{
    private const int MaxRadicand = 1_000_000_000;
    private const int MaxExponent = 60;
    private const int MaxBits = 6000;

    private Form(Polynomial numerator, Polynomial denominator)
    {
        Numerator = numerator;
        Denominator = denominator;
    }

    /// <summary>The upper polynomial.</summary>
    public Polynomial Numerator { get; }

    /// <summary>The lower polynomial, never 0.</summary>
    public Polynomial Denominator { get; }

    /// <summary>The value, where this is a rational number.</summary>
    public Rational? Value => Denominator.Constant is { } below && Numerator.Constant is { } above ? above / below : null;

    /// <summary>The unknowns in it.</summary>
    public IEnumerable<string> Unknowns => Numerator.Unknowns.Concat(Denominator.Unknowns).Distinct();

    /// <summary>The functions in it, by name.</summary>
    public IEnumerable<string> Functions => Atoms.SelectMany(atom => atom.Functions).Distinct();

    /// <summary>The atoms in it.</summary>
    public IEnumerable<Atom> Atoms => Numerator.Atoms.Concat(Denominator.Atoms).Distinct();

    /// <summary>The one unknown that this is, as in <c>x</c>; null where it is anything else.</summary>
    public string? LoneUnknown => Denominator.Constant is { IsInteger: true } below && below == 1 && Numerator.Count == 1
        && Numerator.Terms.First() is var (monomial, factor) && factor == 1
        && monomial.Factors is [var (atom, exponent)] && exponent == 1 && atom.Kind == AtomKind.Unknown ? atom.Name : null;

    /// <summary>A number.</summary>
    public static Form Of(Rational value) => new(Polynomial.Of(value), Polynomial.One);

    /// <summary>An atom.</summary>
    public static Form Of(Atom atom) => new(Polynomial.Of(Monomial.Of(atom)), Polynomial.One);

    /// <summary>The sum.</summary>
    public Form? Plus(Form other) => Make(
        Numerator.Times(other.Denominator)?.Plus(other.Numerator.Times(Denominator)),
        Denominator.Times(other.Denominator));

    /// <summary>The difference.</summary>
    public Form? Minus(Form other) => Plus(other.Negated());

    /// <summary>The opposite.</summary>
    public Form Negated() => new(Numerator.Scaled(-1), Denominator);

    /// <summary>The product.</summary>
    public Form? Times(Form other) =>
        Make(Numerator.Times(other.Numerator), Denominator.Times(other.Denominator));

    /// <summary>The quotient; null where the divisor is 0.</summary>
    public Form? Over(Form other) => other.Numerator.IsZero
        ? null : Make(Numerator.Times(other.Denominator), Denominator.Times(other.Numerator));

    /// <summary>The power.</summary>
    public Form? Power(Form exponent)
    {
        if (exponent.Value is { IsInteger: true } whole)
        {
            return Power(whole.Numerator);
        }

        if (exponent.Value is { } half && half.Denominator == 2 && BigInteger.Abs(half.Numerator) <= MaxExponent)
        {
            return SquareRoot()?.Power(half.Numerator);
        }

        if (exponent.Value is { } part && Value is { Sign: > 0 } number)
        {
            // The root of a perfect power is a number.
            return part.Denominator <= MaxExponent && Root(number, (int)part.Denominator) is { } root
                ? Of(root).Power(part.Numerator)
                : Of(Atom.Power(this, exponent));
        }

        return Numerator.IsZero || Value is { Sign: < 0 } ? null : Of(Atom.Power(this, exponent));
    }

    /// <summary>The square root: of a rational number by its primes, of anything else kept as it is.</summary>
    public Form? SquareRoot()
    {
        if (Value is not { } value)
        {
            return Of(Atom.Function("sqrt", this));
        }

        var product = value.Numerator * value.Denominator;
        if (BigInteger.Abs(product) > MaxRadicand)
        {
            return value.Sign > 0 && Root(value, 2) is { } exact ? Of(exact) : null;
        }

        var (outside, result) = (BigInteger.One, value.Sign < 0 ? Of(Atom.Imaginary) : Of(1));
        var left = (int)BigInteger.Abs(product);
        for (var prime = 2; left > 1; prime++)
        {
            prime = (long)prime * prime > left ? left : prime;
            while (left % ((long)prime * prime) == 0)
            {
                left = (int)(left / ((long)prime * prime));
                outside *= prime;
            }

            if (left > 0 && left % prime == 0)
            {
                left /= prime;
                result = result?.Times(Of(Atom.Root(prime)));
            }
        }

        return product.IsZero ? Of(0) : result?.Times(Of(new Rational(outside, value.Denominator)));
    }

    /// <summary>Whether both are the same by algebra.</summary>
    /// <returns>True or false where multiplying out decides it; null where it grows too large.</returns>
    public bool? IsSame(Form other) =>
        Numerator.Times(other.Denominator)?.Plus(other.Numerator.Times(Denominator)?.Scaled(-1)) is { } difference
            ? difference.IsZero : null;

    /// <summary>Its value in floating point; NaN where it has none.</summary>
    /// <param name="unknowns">The value of every unknown.</param>
    public Complex Evaluate(Func<string, double> unknowns) =>
        Numerator.Evaluate(unknowns) / Denominator.Evaluate(unknowns);

    /// <inheritdoc/>
    public override string ToString()
    {
        if (Denominator.Constant is { } one && one == 1)
        {
            return Numerator.ToString();
        }

        return $"({Numerator})/({Denominator})";
    }

    /// <summary>The exact root of a positive number; null where it is irrational.</summary>
    private static Rational? Root(Rational value, int degree)
    {
        return Whole(value.Numerator) is { } above && Whole(value.Denominator) is { } below
            ? new Rational(above, below) : null;

        BigInteger? Whole(BigInteger number)
        {
            // The root has a degree-th of the bits: found bit by bit.
            var root = BigInteger.Zero;
            for (var bit = (int)((number.GetBitLength() / degree) + 1); bit >= 0; bit--)
            {
                var next = root | (BigInteger.One << bit);
                root = BigInteger.Pow(next, degree) <= number ? next : root;
            }

            return BigInteger.Pow(root, degree) == number ? root : null;
        }
    }

    private Form? Power(BigInteger exponent)
    {
        if (Value is { } value)
        {
            var size = value.Magnitude;
            var bits = Math.Max(size.Numerator.GetBitLength(), size.Denominator.GetBitLength());
            if (BigInteger.Abs(exponent) * bits > MaxBits || (value.Sign == 0 && exponent.Sign <= 0))
            {
                return null;
            }

            var power = new Rational(
                BigInteger.Pow(value.Numerator, (int)BigInteger.Abs(exponent)),
                BigInteger.Pow(value.Denominator, (int)BigInteger.Abs(exponent)));
            return Of(exponent.Sign < 0 ? 1 / power : power);
        }

        if (BigInteger.Abs(exponent) > MaxExponent)
        {
            return null;
        }

        Form? result = Of(1);
        var factor = exponent.Sign < 0 ? Of(1).Over(this) : this;
        for (var k = BigInteger.Abs(exponent); k > 0 && factor is not null; k--)
        {
            result = result?.Times(factor);
        }

        return factor is null ? null : result;
    }

    /// <summary>
    /// Without common powers of atoms, without roots below where there is one term, and with 1 as the first coefficient
    /// below.
    /// </summary>
    private static Form? Make(Polynomial? above, Polynomial? below)
    {
        if (above is null || below is null || below.IsZero)
        {
            return null;
        }

        if (above.IsZero)
        {
            return Of(0);
        }

        if (above.Common()!.Common(below.Common()!) is { Degree: > 0 } common) // Neither is 0.
        {
            (above, below) = (above.Over(common), below.Over(common));
        }

        if (below.Count == 1 && below.Terms.First().Key.Roots() is { Degree: > 0 } roots)
        {
            var factor = Polynomial.Of(roots);
            (above, below) = (above.Times(factor), below.Times(factor));
            if (above is null || below is null)
            {
                return null;
            }
        }

        if (above.MultipleOf(below) is { } ratio)
        {
            return Of(ratio);
        }

        var first = 1 / below.Terms.First().Value;
        return new Form(above.Scaled(first), below.Scaled(first));
    }
}
