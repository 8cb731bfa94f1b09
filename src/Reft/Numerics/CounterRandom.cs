using System.Numerics;

namespace Reft.Numerics;

/// <summary>
/// A counter-based random source: draw <c>n</c> of key <c>k</c> is a hash of (k, n), the same on every platform,
/// and streams with different keys need no shared state. The mixing is SplitMix64's finaliser
/// (<see href="https://doi.org/10.1145/2714064.2660195"/>); it is not for cryptography.
/// </summary>
/// <param name="key">Names the stream; make it with <see cref="Hash(ulong, ulong)"/> from a seed and an index.</param>
public sealed class CounterRandom(ulong key)
{
    private const ulong Golden = 0x9E3779B97F4A7C15;
    private ulong _counter;

    /// <summary>A 64-bit hash of one word: a bijection.</summary>
    public static ulong Hash(ulong word)
    {
        word += Golden;
        word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9;
        word = (word ^ (word >> 27)) * 0x94D049BB133111EB;
        return word ^ (word >> 31);
    }

    /// <summary>The word of a hash.</summary>
    internal static ulong Unhash(ulong hash)
    {
        // The factors' inverses modulo 2^64; a shift is undone by as many of it as there are bits.
        hash = (hash ^ (hash >> 31) ^ (hash >> 62)) * 0x319642B2D24D8EC3;
        hash = (hash ^ (hash >> 27) ^ (hash >> 54)) * 0x96DE1B173F119089;
        return (hash ^ (hash >> 30) ^ (hash >> 60)) - Golden;
    }

    /// <summary>A 64-bit hash of two words; the order matters.</summary>
    public static ulong Hash(ulong first, ulong second) => Hash(Hash(first) ^ BitOperations.RotateLeft(second, 32));

    /// <summary>A 64-bit hash of three words; the order matters.</summary>
    public static ulong Hash(ulong first, ulong second, ulong third) => Hash(Hash(first, second), third);

    /// <summary>A 64-bit hash of a text (its UTF-16 units) under a seed.</summary>
    public static ulong Hash(ulong seed, ReadOnlySpan<char> text)
    {
        var hash = Hash(seed, (ulong)text.Length);
        foreach (var unit in text)
        {
            hash = (hash ^ unit) * 0x100000001B3;
            hash ^= hash >> 29;
        }

        return Hash(hash);
    }

    /// <summary>Maps a hash to [0, 1) with 53 bits.</summary>
    public static double ToUnit(ulong hash) => (hash >> 11) * (1.0 / (1UL << 53));

    /// <summary>The next 64 bits.</summary>
    public ulong NextUInt64() => Hash(key, _counter++);

    /// <summary>The next number in [0, 1).</summary>
    public double NextDouble() => ToUnit(NextUInt64());

    /// <summary>The next whole number in [0, <paramref name="bound"/>), each equally likely.</summary>
    public int Below(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        // Lemire's multiply-and-reject: no modulo bias.
        var range = (ulong)bound;
        while (true)
        {
            var high = Math.BigMul(NextUInt64(), range, out var low);
            if (low >= range || low >= (0UL - range) % range)
            {
                return (int)high;
            }
        }
    }

    /// <summary>
    /// The next whole number in [<paramref name="low"/>, <paramref name="high"/>], both ends included.
    /// </summary>
    public int Between(int low, int high) => low + Below(checked(high - low + 1));

    /// <summary>True with probability <paramref name="probability"/>.</summary>
    public bool Chance(double probability) => NextDouble() < probability;

    /// <summary>A draw from the normal distribution of mean 0 and deviation 1 (Box and Muller 1958).</summary>
    internal double Normal()
    {
        var (first, second) = (1 - NextDouble(), NextDouble());
        return Math.Sqrt(-2 * Math.Log(first)) * Math.Cos(2 * Math.PI * second);
    }

    /// <summary>A draw from the Beta distribution; both parameters at least 1.</summary>
    internal double Beta(double first, double second)
    {
        var (x, y) = (Gamma(first), Gamma(second));
        return x / (x + y);
    }

    /// <summary>A draw from the Gamma distribution of scale 1, shape at least 1 (Marsaglia and Tsang 2000).</summary>
    private double Gamma(double shape)
    {
        var d = shape - (1.0 / 3);
        while (true)
        {
            var normal = Normal();
            var v = Math.Pow(1 + (normal / Math.Sqrt(9 * d)), 3);
            // 1 - u is in (0, 1].
            if (Math.Log(1 - NextDouble()) is var u && v > 0 && u < (0.5 * normal * normal) + (d * (1 - v + Math.Log(v))))
            {
                return d * v;
            }
        }
    }

    /// <summary>One of <paramref name="items"/>, each equally likely.</summary>
    public T Pick<T>(IReadOnlyList<T> items) => items[Below(items.Count)];

    /// <summary>Puts <paramref name="items"/> in a random order.</summary>
    public void Shuffle<T>(IList<T> items)
    {
        for (var i = items.Count - 1; i > 0; i--)
        {
            var j = Below(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }
}
