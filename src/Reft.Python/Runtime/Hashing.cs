using System.Numerics;

namespace Reft.Python.Runtime;

/// <summary>CPython's hashes of numbers and tuples (64 bits), which decide the order of a set.</summary>
internal static class Hashing
{
    private const int Bits = 61;
    private const long Modulus = (1L << Bits) - 1;
    private const long Infinity = 314159;

    public static long Of(Vm vm, object value)
    {
        switch (value)
        {
            case long small:
                return OfLong(small);
            case string text:
                vm.Charge(text.Length >> 6);
                return OfText(text);
            case bool truth:
                return truth ? 1 : 0;
            case double real:
                return OfDouble(real);
            case BigInteger big:
                return OfBig(big);
            default:
                return ((PyObject)value).Hash(vm);
        }
    }

    public static long OfText(string text)
    {
        var hash = 14695981039346656037UL;
        foreach (var c in text)
        {
            hash = (hash ^ c) * 1099511628211UL;
        }

        hash ^= hash >> 29;
        return hash == ulong.MaxValue ? -2 : (long)hash;
    }

    public static long OfBig(BigInteger value)
    {
        var hash = (long)(BigInteger.Abs(value) % Modulus);
        hash = value.Sign < 0 ? -hash : hash;
        return hash == -1 ? -2 : hash;
    }

    public static long OfDouble(double value)
    {
        if (!double.IsFinite(value))
        {
            return double.IsNaN(value) ? 0x5eed : value > 0 ? Infinity : -Infinity;
        }

        if (value == Math.Floor(value) && Math.Abs(value) < 9e18)
        {
            return OfLong((long)value);
        }

        var (numerator, denominator) = Floats.ToRatio(value);
        return OfRatio(numerator, denominator);
    }

    public static long OfRatio(BigInteger numerator, BigInteger denominator)
    {
        var inverse = BigInteger.ModPow(denominator, Modulus - 2, Modulus);
        var hash = inverse.IsZero
            ? Infinity
            : (long)(BigInteger.Abs(numerator) % Modulus * inverse % Modulus);
        hash = numerator.Sign < 0 ? -hash : hash;
        return hash == -1 ? -2 : hash;
    }

    public static long OfTuple(Vm vm, object[] items)
    {
        vm.Enter();
        vm.Charge(items.Length);
        var hash = 2870177450012600261UL;
        foreach (var item in items)
        {
            hash += (ulong)Of(vm, item) * 14029467366897019727UL;
            hash = BitOperations.RotateLeft(hash, 31);
            hash *= 11400714785074694791UL;
        }

        vm.Leave();
        hash += (ulong)items.Length ^ (2870177450012600261UL ^ 3527539UL);
        return hash == ulong.MaxValue ? 1546275796 : (long)hash;
    }

    /// <summary>The hash of a frozenset, which does not depend on the order of its items.</summary>
    public static long OfSet(IEnumerable<long> hashes, int count)
    {
        ulong hash = 0;
        foreach (var item in hashes)
        {
            hash ^= ((ulong)item ^ 89869747UL ^ ((ulong)item << 16)) * 3644798167UL;
        }

        hash ^= ((ulong)count + 1) * 1927868237UL;
        hash ^= (hash >> 11) ^ (hash >> 25);
        hash = (hash * 69069UL) + 907133923UL;
        return hash == ulong.MaxValue ? 590923713 : (long)hash;
    }

    private static long OfLong(long value)
    {
        if (value is > -Modulus and < Modulus)
        {
            return value == -1 ? -2 : value;
        }

        return OfBig(value);
    }
}
