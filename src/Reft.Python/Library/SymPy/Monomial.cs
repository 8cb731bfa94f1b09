namespace Reft.Python.Library.SymPy;

/// <summary>
/// A product of powers: of symbols and pi, and of one square root of a natural number without square factors.
/// </summary>
internal sealed class Monomial(SortedDictionary<string, int> powers, System.Numerics.BigInteger radicand) : IEquatable<Monomial>
{
    public static readonly Monomial One = new(new SortedDictionary<string, int>(StringComparer.Ordinal), 1);

    public SortedDictionary<string, int> Powers => powers;

    public System.Numerics.BigInteger Radicand => radicand;

    public bool IsOne => powers.Count == 0 && radicand.IsOne;

    public bool Equals(Monomial? other) =>
        other is not null && radicand == other.Radicand && powers.SequenceEqual(other.Powers);

    public override bool Equals(object? obj) => Equals(obj as Monomial);

    public override int GetHashCode() =>
        powers.Aggregate(radicand.GetHashCode(), (hash, p) => HashCode.Combine(hash, p.Key.GetHashCode(StringComparison.Ordinal), p.Value));

    /// <summary>The powers of two monomials added, those of the second times a sign.</summary>
    public static SortedDictionary<string, int> Combine(Monomial a, Monomial b, int sign)
    {
        var result = new SortedDictionary<string, int>(a.Powers, StringComparer.Ordinal);
        foreach (var (name, power) in b.Powers)
        {
            var sum = checked(result.GetValueOrDefault(name) + (sign * power));
            if (sum == 0)
            {
                result.Remove(name);
            }
            else
            {
                result[name] = sum;
            }
        }

        return result;
    }
}
