using System.Numerics;

namespace Reft.Python.Runtime;

/// <summary>The two truth values, boxed once.</summary>
internal static class Bools
{
    public static readonly object True = true;
    public static readonly object False = false;

    public static object Of(bool value) => value ? True : False;
}

/// <summary>Integers: a boxed <see cref="long"/> where it fits, otherwise a <see cref="BigInteger"/>.</summary>
internal static class Ints
{
    private const int Lowest = -128;
    private const int Highest = 1024;
    private static readonly object[] Small =
        [.. Enumerable.Range(Lowest, Highest - Lowest + 1).Select(i => (object)(long)i)];

    public static object Box(long value) =>
        (ulong)(value - Lowest) <= Highest - Lowest ? Small[value - Lowest] : value;

    public static object Box(BigInteger value) =>
        value >= long.MinValue && value <= long.MaxValue ? Box((long)value) : value;

    /// <summary>Boxes an integer that an operation made, within the budgets.</summary>
    public static object Box(Vm vm, BigInteger value)
    {
        if (value >= long.MinValue && value <= long.MaxValue)
        {
            return Box((long)value);
        }

        var bits = value.GetBitLength();
        vm.CheckBits(bits);
        vm.Allocate((bits / 8) + 32);
        vm.Charge(bits >> 9);
        return value;
    }

    public static bool IsInt(object value) => value is long or BigInteger or bool;

    public static BigInteger Big(object value) => value switch
    {
        long small => small,
        BigInteger big => big,
        _ => (bool)value ? BigInteger.One : BigInteger.Zero,
    };

    public static bool TryBig(object value, out BigInteger big)
    {
        if (IsInt(value))
        {
            big = Big(value);
            return true;
        }

        big = default;
        return false;
    }

    /// <summary>Bool as int, other integers as they are; null when the value is no integer.</summary>
    public static object? Plain(object value) => value switch
    {
        long or BigInteger => value,
        bool truth => Box(truth ? 1L : 0L),
        _ => null,
    };

    public static BigInteger FloorDivide(BigInteger a, BigInteger b, out BigInteger modulo)
    {
        var quotient = BigInteger.DivRem(a, b, out modulo);
        if (!modulo.IsZero && (modulo.Sign < 0) != (b.Sign < 0))
        {
            quotient -= 1;
            modulo += b;
        }

        return quotient;
    }

    /// <summary>The quotient rounded to the nearest integer, ties to even; the divisor is positive.</summary>
    public static BigInteger RoundDivide(BigInteger a, BigInteger b)
    {
        var quotient = FloorDivide(a, b, out var rest);
        var twice = (rest * 2).CompareTo(b);
        return twice > 0 || (twice == 0 && !quotient.IsEven) ? quotient + 1 : quotient;
    }

    public static BigInteger Power10(int exponent) => BigInteger.Pow(10, exponent);

    /// <summary>The integer part of the square root.</summary>
    public static BigInteger SquareRoot(BigInteger value)
    {
        if (value.IsZero)
        {
            return value;
        }

        var root = BigInteger.One << (int)((value.GetBitLength() + 1) / 2);
        while (true)
        {
            var next = (root + (value / root)) >> 1;
            if (next >= root)
            {
                return root;
            }

            root = next;
        }
    }

    /// <summary>Charges for multiplying or dividing integers of so many bits.</summary>
    public static void ChargeProduct(Vm vm, long bitsA, long bitsB) => vm.Charge(1 + ((bitsA >> 5) * (bitsB >> 5) / 400));
}
