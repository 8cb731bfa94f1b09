using System.Globalization;
using System.Numerics;

namespace Reft.Python.Runtime;

/// <summary>Floats, with CPython's rounding: exact conversions and shortest texts.</summary>
internal static class Floats
{
    /// <summary>NaN with a positive sign, as Python's; .NET's own has a negative one.</summary>
    public static readonly double NotANumber = BitConverter.Int64BitsToDouble(0x7ff8_0000_0000_0000);

    /// <summary>The nearest float to a quotient, ties to even; infinity when it is too large.</summary>
    public static double Ratio(BigInteger numerator, BigInteger denominator)
    {
        if (numerator.IsZero)
        {
            return denominator.Sign < 0 ? -0.0 : 0.0;
        }

        var negative = numerator.Sign < 0 != denominator.Sign < 0;
        var a = BigInteger.Abs(numerator);
        var b = BigInteger.Abs(denominator);
        // The quotient's top bit lies at `top` or one below; keep 66 bits and a sticky bit, fewer for subnormals.
        var top = (int)(a.GetBitLength() - b.GetBitLength());
        if (top > 1025)
        {
            return negative ? double.NegativeInfinity : double.PositiveInfinity;
        }

        var shift = Math.Max(top - 66, -1200);
        BigInteger rest;
        var quotient = shift >= 0
            ? BigInteger.DivRem(a, b << shift, out rest)
            : BigInteger.DivRem(a << -shift, b, out rest);
        var value = Scale(quotient, !rest.IsZero, shift);
        return negative ? -value : value;
    }

    public static double FromBig(BigInteger value)
    {
        if (value >= long.MinValue && value <= long.MaxValue)
        {
            return (long)value;
        }

        var magnitude = Scale(BigInteger.Abs(value), false, 0);
        return value.Sign < 0 ? -magnitude : magnitude;
    }

    public static double Of(object number) => number as double? ?? FromInt(number);

    /// <summary>An int as a float; raises OverflowError as CPython does.</summary>
    public static double FromInt(object value)
    {
        switch (value)
        {
            case long small:
                return small;
            case bool truth:
                return truth ? 1.0 : 0.0;
            default:
                var result = FromBig((BigInteger)value);
                return double.IsInfinity(result) ? throw Err.Overflow("int too large to convert to float") : result;
        }
    }

    /// <summary>The integer and exponent of a finite float: <c>value = mantissa × 2^exponent</c>.</summary>
    public static (BigInteger Mantissa, int Exponent) Split(double value)
    {
        var bits = BitConverter.DoubleToInt64Bits(value);
        var exponent = (int)((bits >> 52) & 0x7ff);
        var mantissa = bits & 0xfffffffffffffL;
        if (exponent == 0)
        {
            exponent++;
        }
        else
        {
            mantissa |= 1L << 52;
        }

        return (bits < 0 ? -mantissa : mantissa, exponent - 1075);
    }

    /// <summary>A finite float as an exact quotient of integers without a common factor.</summary>
    public static (BigInteger Numerator, BigInteger Denominator) ToRatio(double value)
    {
        var (mantissa, exponent) = Split(value);
        if (mantissa.IsZero)
        {
            return (BigInteger.Zero, BigInteger.One);
        }

        while (mantissa.IsEven && exponent < 0)
        {
            mantissa >>= 1;
            exponent++;
        }

        return exponent >= 0 ? (mantissa << exponent, BigInteger.One) : (mantissa, BigInteger.One << -exponent);
    }

    /// <summary>The integer part of a finite float, exactly.</summary>
    public static object Truncate(double value)
    {
        if (Math.Abs(value) < 9e18)
        {
            return Ints.Box((long)value);
        }

        var (mantissa, exponent) = Split(value);
        return Ints.Box(mantissa << exponent);
    }

    public static object ToIntOrRaise(double value)
    {
        if (double.IsNaN(value))
        {
            throw Err.Value("cannot convert float NaN to integer");
        }

        return double.IsInfinity(value)
            ? throw Err.Overflow("cannot convert float infinity to integer")
            : Truncate(value);
    }

    /// <summary>Compares an int with a float exactly; the float is not NaN.</summary>
    public static int Compare(object integer, double value)
    {
        if (integer is long small and >= -(1L << 53) and <= 1L << 53)
        {
            return ((double)small).CompareTo(value);
        }

        if (double.IsInfinity(value))
        {
            return value > 0 ? -1 : 1;
        }

        var floor = Math.Floor(value);
        var order = Ints.Big(integer).CompareTo(Ints.Big(Truncate(floor)));
        return order != 0 ? order : floor < value ? -1 : 0;
    }

    /// <summary>The shortest digits that read back as this float, and the power of ten of the point before them.</summary>
    public static (string Digits, int Point) Shortest(double magnitude)
    {
        if (magnitude == 0)
        {
            return ("0", 1);
        }

        var shortest = ExactText.Of(magnitude);
        var end = shortest.IndexOf('E', StringComparison.Ordinal);
        var body = (end < 0 ? shortest : shortest[..end]).Replace(".", "", StringComparison.Ordinal).TrimStart('0');
        var point = end < 0
            ? PointOf(shortest)
            : int.Parse(shortest.AsSpan(end + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) + 1;
        var digits = body.TrimEnd('0');
        return (digits, point);
    }

    public static string Repr(double value)
    {
        if (double.IsNaN(value))
        {
            return "nan";
        }

        if (double.IsInfinity(value))
        {
            return value > 0 ? "inf" : "-inf";
        }

        var sign = double.IsNegative(value) ? "-" : "";
        var (digits, point) = Shortest(Math.Abs(value));
        if (point is > 16 or < -3)
        {
            return sign + Exponential(digits, point - 1, "e");
        }

        if (point <= 0)
        {
            return sign + "0." + new string('0', -point) + digits;
        }

        return digits.Length <= point
            ? sign + digits.PadRight(point, '0') + ".0"
            : sign + digits[..point] + "." + digits[point..];
    }

    public static string Exponential(string digits, int exponent, string letter)
    {
        var sign = exponent < 0 ? "-" : "+";
        var power = Math.Abs(exponent).ToString("00", CultureInfo.InvariantCulture);
        return (digits.Length == 1 ? digits : digits[..1] + "." + digits[1..]) + letter + sign + power;
    }

    /// <summary>The magnitude of a finite float times ten to a power, rounded to an integer, ties to even.</summary>
    public static BigInteger Scaled(double magnitude, int power)
    {
        var (mantissa, exponent) = Split(magnitude);
        var numerator = mantissa;
        var denominator = BigInteger.One;
        if (power >= 0)
        {
            numerator *= Ints.Power10(power);
        }
        else
        {
            denominator = Ints.Power10(-power);
        }

        return exponent >= 0
            ? Ints.RoundDivide(numerator << exponent, denominator)
            : Ints.RoundDivide(numerator, denominator << -exponent);
    }

    /// <summary>Whether a magnitude lies below a power of ten, exactly.</summary>
    public static bool IsBelowPower10(double magnitude, int power)
    {
        var (numerator, denominator) = ToRatio(magnitude);
        return power >= 0
            ? numerator < Ints.Power10(power) * denominator
            : numerator * Ints.Power10(-power) < denominator;
    }

    /// <summary><c>round(value, digits)</c> of a finite float: the decimal nearest its exact value, read back.</summary>
    public static double Round(double value, long digits)
    {
        if (value == 0 || digits > 323)
        {
            return value;
        }

        if (digits < -308)
        {
            return 0.0 * value;
        }

        var scaled = Scaled(Math.Abs(value), (int)digits);
        var result = digits >= 0
            ? Ratio(scaled, Ints.Power10((int)digits))
            : FromBig(scaled * Ints.Power10((int)-digits));
        return double.IsInfinity(result)
            ? throw Err.Overflow("rounded value too large to represent")
            : double.IsNegative(value) ? -result : result;
    }

    /// <summary><c>round(value)</c>: the nearest integer, ties to even.</summary>
    public static object Round(double value) => ToIntOrRaise(Math.Round(value, MidpointRounding.ToEven));

    public static double FloorDivide(double a, double b, out double modulo)
    {
        modulo = a % b;
        var quotient = (a - modulo) / b;
        if (modulo != 0)
        {
            if (b < 0 != modulo < 0)
            {
                modulo += b;
                quotient -= 1.0;
            }
        }
        else
        {
            modulo = Math.CopySign(0.0, b);
        }

        if (quotient == 0)
        {
            return Math.CopySign(0.0, a / b);
        }

        var floor = Math.Floor(quotient);
        return quotient - floor > 0.5 ? floor + 1.0 : floor;
    }

    public static object Power(double a, double b)
    {
        if (a == 0 && b < 0)
        {
            throw Err.ZeroDivision("0.0 cannot be raised to a negative power");
        }

        if (a < 0 && double.IsFinite(a) && double.IsFinite(b) && b != Math.Floor(b))
        {
            // As CPython: the complex power, whose text shows where it came from.
            return new Library.PyComplex(a, 0).Binary(null!, BinaryOp.Power, b, false)!; // it uses no state, and knows floats
        }

        var result = Math.Pow(a, b);
        if (double.IsInfinity(result) && double.IsFinite(a) && double.IsFinite(b))
        {
            throw Err.Make(ExceptionTypes.OverflowError, 34L, "Numerical result out of range");
        }

        return result;
    }

    private static int PointOf(string plain)
    {
        var point = plain.IndexOf('.', StringComparison.Ordinal);
        var whole = point < 0 ? plain : plain[..point];
        if (whole != "0")
        {
            return whole.Length;
        }

        var zeros = 0;
        for (var i = point + 1; i < plain.Length && plain[i] == '0'; i++)
        {
            zeros++;
        }

        return -zeros;
    }

    /// <summary>An integer times a power of two, with a sticky bit below it, as the nearest float.</summary>
    private static double Scale(BigInteger value, bool sticky, int exponent)
    {
        var bits = (int)value.GetBitLength();
        // Bits below the last place that a double of this size keeps.
        var drop = Math.Max(bits - 53, -1074 - exponent);
        if (drop > 0)
        {
            var rest = value & ((BigInteger.One << drop) - 1);
            value >>= drop;
            var half = BigInteger.One << (drop - 1);
            var order = rest.CompareTo(half);
            if (order > 0 || (order == 0 && (sticky || !value.IsEven)))
            {
                value += 1;
            }

            exponent += drop;
        }

        return Math.ScaleB((double)(ulong)value, exponent);
    }
}
