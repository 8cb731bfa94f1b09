using System.Numerics;
using Reft.Python.Runtime;

namespace Reft.Python.Library.SymPy;

/// <summary>A binary floating-point number, <c>Mantissa · 2^Exponent</c>, of as many bits as its operations are asked for.</summary>
internal readonly record struct BigReal(BigInteger Mantissa, int Exponent)
{
    public static readonly BigReal Zero = new(BigInteger.Zero, 0);

    public static readonly BigReal One = new(BigInteger.One, 0);

    /// <summary>Bits of the constants below; no operation may ask for more.</summary>
    private const int MostBits = 1400;

    /// <summary>The largest size of an exponent that a function is evaluated for.</summary>
    private const int MostExponent = 1 << 20;

    private static readonly BigInteger PiBits = 4 * ((4 * InverseTangent(5)) - InverseTangent(239));

    private static readonly BigInteger LogTwoBits = LogTwo();

    public bool IsZero => Mantissa.IsZero;

    public int Sign => Mantissa.Sign;

    /// <summary>The binary order of magnitude: the value lies below 2 to it, and not below half of that.</summary>
    public long Magnitude => Mantissa.IsZero ? long.MinValue : (long)BigInteger.Abs(Mantissa).GetBitLength() + Exponent;

    public static BigReal From(double value)
    {
        var (mantissa, exponent) = Floats.Split(Math.Abs(value));
        return new(value < 0 ? -mantissa : mantissa, exponent);
    }

    public static BigReal Pi(int bits) => new BigReal(PiBits, -MostBits).To(bits);

    public static BigReal FromRatio(BigInteger numerator, BigInteger denominator, int bits)
    {
        var shift = bits + 2 + (int)denominator.GetBitLength() - (int)BigInteger.Abs(numerator).GetBitLength();
        return shift > 0
            ? new BigReal((numerator << shift) / denominator, -shift).To(bits)
            : new BigReal(numerator / (denominator << -shift), -shift).To(bits);
    }

    public static BigReal operator -(BigReal value) => new(-value.Mantissa, value.Exponent);

    public BigReal Abs() => new(BigInteger.Abs(Mantissa), Exponent);

    public BigReal Scale(int exponent) => IsZero ? this : new(Mantissa, checked(Exponent + exponent));

    /// <summary>The number cut to so many bits.</summary>
    public BigReal To(int bits)
    {
        var extra = (int)BigInteger.Abs(Mantissa).GetBitLength() - bits;
        if (extra <= 0)
        {
            return this;
        }

        var half = BigInteger.One << (extra - 1);
        return Checked(Ints.FloorDivide(Mantissa + half, BigInteger.One << extra, out _), (long)Exponent + extra);
    }

    public BigReal Add(BigReal other, int bits)
    {
        if (IsZero || other.IsZero)
        {
            return IsZero ? other : this;
        }

        var (high, low) = Exponent >= other.Exponent ? (this, other) : (other, this);
        if (high.Magnitude - low.Magnitude > bits + 8)
        {
            return high;
        }

        if (low.Magnitude - high.Magnitude > bits + 8)
        {
            return low;
        }

        return new BigReal((high.Mantissa << (high.Exponent - low.Exponent)) + low.Mantissa, low.Exponent).To(bits);
    }

    public BigReal Multiply(BigReal other, int bits) => IsZero || other.IsZero
        ? Zero
        : Checked(Mantissa * other.Mantissa, (long)Exponent + other.Exponent).To(bits);

    public BigReal Divide(BigReal other, int bits)
    {
        if (IsZero)
        {
            return Zero;
        }

        var shift = Math.Max(0, bits + 4 + (int)BigInteger.Abs(other.Mantissa).GetBitLength() - (int)BigInteger.Abs(Mantissa).GetBitLength());
        return Checked((Mantissa << shift) / other.Mantissa, (long)Exponent - shift - other.Exponent).To(bits);
    }

    /// <summary>The root of a positive number.</summary>
    public BigReal Root(int degree, int bits)
    {
        if (IsZero)
        {
            return Zero;
        }

        var shift = Math.Max(0, (degree * (bits + 4)) - (int)Mantissa.GetBitLength());
        shift += (int)((((long)Exponent - shift) % degree + degree) % degree);
        return Checked(IntegerRoot(Mantissa << shift, degree), ((long)Exponent - shift) / degree).To(bits);
    }

    /// <summary>The whole part of the root of a natural number.</summary>
    public static BigInteger IntegerRoot(BigInteger value, int degree)
    {
        if (degree == 2)
        {
            return Ints.SquareRoot(value);
        }

        if (value.IsZero)
        {
            return value;
        }

        var root = BigInteger.One << (int)((value.GetBitLength() + degree - 1) / degree);
        while (true)
        {
            var next = (((degree - 1) * root) + (value / BigInteger.Pow(root, degree - 1))) / degree;
            if (next >= root)
            {
                return root;
            }

            root = next;
        }
    }

    public BigReal Exp(int bits)
    {
        if (IsZero)
        {
            return One;
        }

        if (Magnitude > 20)
        {
            throw new UnsupportedException("exponential of a large number");
        }

        var work = bits + 40;
        var fixedPoint = Fixed(work);
        var logTwo = LogTwoBits >> (MostBits - work);
        var times = Ints.FloorDivide(fixedPoint, logTwo, out var rest);
        rest >>= 8;
        var (sum, term) = (BigInteger.One << work, BigInteger.One << work);
        for (var i = 1; !term.IsZero; i++)
        {
            term = (term * rest >> work) / i;
            sum += term;
        }

        for (var i = 0; i < 8; i++)
        {
            sum = sum * sum >> work;
        }

        return new BigReal(sum, (int)times - work).To(bits);
    }

    /// <summary>The natural logarithm of a positive number.</summary>
    public BigReal Log(int bits)
    {
        var work = bits + 60;
        var power = (int)Magnitude;
        var part = new BigReal(Mantissa, Exponent - power).Fixed(work);
        // Five square roots bring the part near one, where the series of the inverse hyperbolic tangent is short.
        for (var i = 0; i < 5; i++)
        {
            part = Ints.SquareRoot(part << work);
        }

        var one = BigInteger.One << work;
        var ratio = ((part - one) << work) / (part + one);
        var square = ratio * ratio >> work;
        var sum = BigInteger.Zero;
        var term = ratio;
        for (var i = 1; !term.IsZero && term != BigInteger.MinusOne; i += 2)
        {
            sum += term / i;
            term = term * square >> work;
        }

        return new BigReal((sum << 6) + ((LogTwoBits >> (MostBits - work)) * power), -work).To(bits);
    }

    public (BigReal Sine, BigReal Cosine) SineCosine(int bits)
    {
        var work = bits + 40;
        if (Magnitude > 200)
        {
            throw new UnsupportedException("sine of a large number");
        }

        var half = PiBits >> (MostBits - work + 1);
        var quarter = Ints.FloorDivide(Fixed(work), half, out var rest);
        var square = rest * rest >> work;
        var (sine, cosine) = (BigInteger.Zero, BigInteger.Zero);
        var term = BigInteger.One << work;
        for (var i = 1; !term.IsZero; i++)
        {
            cosine += i % 2 == 1 ? term : -term;
            var odd = (term * rest >> work) / ((2 * i) - 1);
            sine += i % 2 == 1 ? odd : -odd;
            term = (term * square >> work) / ((2 * i) - 1) / (2 * i);
        }

        (sine, cosine) = (int)(((quarter % 4) + 4) % 4) switch
        {
            0 => (sine, cosine),
            1 => (cosine, -sine),
            2 => (-sine, -cosine),
            _ => (-cosine, sine),
        };
        return (new BigReal(sine, -work).To(bits), new BigReal(cosine, -work).To(bits));
    }

    public BigReal ArcTangent(int bits)
    {
        if (IsZero)
        {
            return Zero;
        }

        if (Abs().Magnitude > 1)
        {
            var rest = One.Divide(Abs(), bits + 20).ArcTangent(bits + 20);
            var turned = Pi(bits + 20).Scale(-1).Add(-rest, bits);
            return Sign < 0 ? -turned : turned;
        }

        var work = bits + 40;
        var value = this;
        for (var i = 0; i < 6; i++)
        {
            var root = One.Add(value.Multiply(value, work), work).Root(2, work);
            value = value.Divide(One.Add(root, work), work);
        }

        var part = value.Fixed(work + 20);
        var square = part * part >> (work + 20);
        var (sum, term) = (BigInteger.Zero, part);
        for (var i = 1; !term.IsZero && term != BigInteger.MinusOne; i += 2)
        {
            sum += i % 4 == 1 ? term / i : -(term / i);
            term = term * square >> (work + 20);
        }

        return new BigReal(sum << 6, -(work + 20)).To(bits);
    }

    /// <summary>The error function, by its series; the size must be below 30.</summary>
    public BigReal Erf(int bits)
    {
        var size = Math.Min(30, Math.Abs(ToDouble()));
        var work = bits + 60 + (int)(size * size * 1.45);
        var part = Fixed(work);
        var square = part * part >> work;
        var (sum, term) = (BigInteger.Zero, part);
        for (var i = 0; !term.IsZero && term != BigInteger.MinusOne; i++)
        {
            sum += term / ((2 * i) + 1);
            term = -(term * square >> work) / (i + 1);
        }

        return new BigReal(2 * sum, -work).Divide(Pi(bits + 40).Root(2, bits + 40), bits);
    }

    /// <summary>The nearest float, ties to even.</summary>
    public double ToDouble() => Exponent >= 0
        ? Floats.FromBig(Mantissa << Math.Min(Exponent, 2000))
        : Floats.Ratio(Mantissa, BigInteger.One << Math.Min(-Exponent, 4000));

    /// <summary>The whole part, towards minus infinity.</summary>
    public BigInteger Floor() => Exponent >= 0
        ? Mantissa << (Exponent > MostBits * 10 ? throw new UnsupportedException("whole part of a large number") : Exponent)
        : Ints.FloorDivide(Mantissa, BigInteger.One << -Exponent, out _);

    private BigInteger Fixed(int bits)
    {
        var shift = (long)Exponent + bits;
        return shift >= 0 ? Mantissa << (int)shift : -shift > int.MaxValue ? BigInteger.Zero : Ints.FloorDivide(Mantissa, BigInteger.One << (int)-shift, out _);
    }

    private static BigReal Checked(BigInteger mantissa, long exponent) => Math.Abs(exponent) > MostExponent
        ? throw new UnsupportedException("numbers of sympy out of range")
        : new(mantissa, (int)exponent);

    private static BigInteger InverseTangent(int whole)
    {
        const int Guard = 40;
        var term = (BigInteger.One << (MostBits + Guard)) / whole;
        var sum = BigInteger.Zero;
        for (var i = 1; !term.IsZero; i += 2)
        {
            sum += i % 4 == 1 ? term / i : -(term / i);
            term /= whole * whole;
        }

        return sum >> Guard;
    }

    /// <summary>The logarithm of 2 as twice the inverse hyperbolic tangent of 1/3.</summary>
    private static BigInteger LogTwo()
    {
        const int Guard = 40;
        var term = (BigInteger.One << (MostBits + Guard + 1)) / 3;
        var sum = BigInteger.Zero;
        for (var i = 1; !term.IsZero; i += 2)
        {
            sum += term / i;
            term /= 9;
        }

        return sum >> Guard;
    }
}
