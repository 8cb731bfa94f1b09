using System.Globalization;

namespace Reft.Answers.Algebra;

/// <summary>A product of powers of atoms, in the order of their names; square roots and i at most once.</summary>
internal sealed class Monomial : IEquatable<Monomial>, IComparable<Monomial>
{
    private readonly (Atom Atom, int Exponent)[] _factors;

    private Monomial((Atom Atom, int Exponent)[] factors) => _factors = factors;

    /// <summary>The empty product.</summary>
    public static Monomial One { get; } = new([]);

    /// <summary>The factors, exponents at least 1.</summary>
    public IReadOnlyList<(Atom Atom, int Exponent)> Factors => _factors;

    /// <summary>The sum of the exponents.</summary>
    public int Degree => _factors.Sum(factor => factor.Exponent);

    /// <summary>One atom.</summary>
    public static Monomial Of(Atom atom) => new([(atom, 1)]);

    /// <summary>The exponent of an atom, 0 where it does not occur.</summary>
    public int ExponentOf(Atom atom) => _factors.FirstOrDefault(factor => factor.Atom.Equals(atom)).Exponent;

    /// <summary>The product, and the whole number that the squares of roots and of i leave before it.</summary>
    public Monomial Times(Monomial other, out int factor)
    {
        factor = 1;
        var result = new List<(Atom Atom, int Exponent)>(_factors.Length + other._factors.Length);
        var (i, j) = (0, 0);
        while (i < _factors.Length || j < other._factors.Length)
        {
            var order = i == _factors.Length ? 1
                : j == other._factors.Length ? -1
                : _factors[i].Atom.CompareTo(other._factors[j].Atom);
            if (order != 0)
            {
                result.Add(order < 0 ? _factors[i++] : other._factors[j++]);
                continue;
            }

            var (atom, exponent) = (_factors[i].Atom, _factors[i].Exponent + other._factors[j].Exponent);
            if (!atom.HasSquare)
            {
                result.Add((atom, exponent));
            }
            else
            {
                factor *= atom.Kind == AtomKind.Imaginary ? -1 : atom.Prime;
            }

            i++;
            j++;
        }

        return new Monomial([.. result]);
    }

    /// <summary>The largest product of powers that divides both, roots and i left out.</summary>
    public Monomial Common(Monomial other) => new(
        [.. _factors.Where(factor => !factor.Atom.HasSquare)
            .Select(factor => (factor.Atom, Math.Min(factor.Exponent, other.ExponentOf(factor.Atom))))
            .Where(factor => factor.Item2 > 0)]);

    /// <summary>Only the square roots and i.</summary>
    public Monomial Roots() => new([.. _factors.Where(factor => factor.Atom.HasSquare)]);

    /// <summary>The quotient; <paramref name="divisor"/> divides this.</summary>
    public Monomial Over(Monomial divisor) => new(
        [.. _factors.Select(factor => (factor.Atom, factor.Exponent - divisor.ExponentOf(factor.Atom)))
            .Where(factor => factor.Item2 > 0)]);

    /// <summary>Higher degrees first, then by name.</summary>
    public int CompareTo(Monomial? other)
    {
        if (other is null)
        {
            return -1;
        }

        var order = other.Degree.CompareTo(Degree);
        return order != 0 ? order : string.CompareOrdinal(ToString(), other.ToString());
    }

    /// <inheritdoc/>
    public bool Equals(Monomial? other) => other is not null && _factors.AsSpan().SequenceEqual(other._factors);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Monomial);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var factor in _factors)
        {
            hash.Add(factor);
        }

        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join('*', _factors.Select(factor => factor.Exponent == 1
        ? factor.Atom.Name
        : string.Create(CultureInfo.InvariantCulture, $"{factor.Atom.Name}^{factor.Exponent}")));
}
