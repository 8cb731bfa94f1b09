using Reft.Python.Runtime;

namespace Reft.Python.Library.NumPy;

/// <summary>Arithmetic of NumPy's numbers, and its sums.</summary>
internal static class NpMath
{
    /// <summary>NumPy adds blocks of so many numbers with eight running sums, and longer arrays by halves.</summary>
    private const int Block = 128;

    public static double Real(object value) => value switch
    {
        double real => real,
        long whole => whole,
        _ => (bool)value ? 1.0 : 0.0,
    };

    public static long Whole(object value) => value is long whole ? whole : value is bool truth ? (truth ? 1 : 0)
        : throw new UnsupportedException("a float where NumPy wants an int");

    public static NpScalar Apply(Vm vm, BinaryOp op, object a, object b)
    {
        vm.Tick();
        return a is double || b is double || op == BinaryOp.Divide
            ? NpScalar.Of(OfFloats(op, Real(a), Real(b)))
            : a is bool && b is bool && op is BinaryOp.And or BinaryOp.Or or BinaryOp.Xor
                ? NpScalar.Of(OfInts(op, Whole(a), Whole(b)) != 0)
                : a is bool && b is bool
                    ? throw new UnsupportedException("arithmetic of two bools of NumPy")
                    : NpScalar.Of(OfInts(op, Whole(a), Whole(b)));
    }

    public static double OfFloats(BinaryOp op, double a, double b) => op switch
    {
        BinaryOp.Add => a + b,
        BinaryOp.Subtract => a - b,
        BinaryOp.Multiply => a * b,
        BinaryOp.Divide => a / b,
        BinaryOp.Power => Math.Pow(a, b),
        BinaryOp.FloorDivide when b != 0 => Floats.FloorDivide(a, b, out _),
        BinaryOp.Modulo when b != 0 => Modulo(a, b),
        _ => throw new UnsupportedException("this operator of NumPy with floats"),
    };

    public static long OfInts(BinaryOp op, long a, long b)
    {
        try
        {
            return checked(op switch
            {
                BinaryOp.Add => a + b,
                BinaryOp.Subtract => a - b,
                BinaryOp.Multiply => a * b,
                BinaryOp.FloorDivide when b != 0 => (a / b) - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0),
                BinaryOp.Modulo when b != 0 => ((a % b) + b) % b,
                BinaryOp.Power when b >= 0 => Power(a, b),
                BinaryOp.Power => throw Err.Value("Integers to negative integer powers are not allowed."),
                BinaryOp.And => a & b,
                BinaryOp.Or => a | b,
                BinaryOp.Xor => a ^ b,
                _ => throw new UnsupportedException("this operator of NumPy with ints"),
            });
        }
        catch (OverflowException)
        {
            throw new UnsupportedException("integers of NumPy beyond 64 bits");
        }
    }

    /// <summary>NumPy's <c>round</c>: by way of a power of ten, ties to even.</summary>
    public static double Round(double value, long digits)
    {
        if (digits == 0)
        {
            return Math.Round(value, MidpointRounding.ToEven);
        }

        var unit = Math.Pow(10, Math.Abs(digits));
        return digits > 0
            ? Math.Round(value * unit, MidpointRounding.ToEven) / unit
            : Math.Round(value / unit, MidpointRounding.ToEven) * unit;
    }

    public static double Sum(ReadOnlySpan<double> values)
    {
        if (values.Length < 8)
        {
            var few = 0.0;
            foreach (var value in values)
            {
                few += value;
            }

            return few;
        }

        if (values.Length > Block)
        {
            var half = values.Length / 2;
            half -= half % 8;
            return Sum(values[..half]) + Sum(values[half..]);
        }

        Span<double> r = stackalloc double[8];
        values[..8].CopyTo(r);
        var i = 8;
        for (; i < values.Length - (values.Length % 8); i += 8)
        {
            for (var j = 0; j < 8; j++)
            {
                r[j] += values[i + j];
            }
        }

        var sum = ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]));
        for (; i < values.Length; i++)
        {
            sum += values[i];
        }

        return sum;
    }

    private static double Modulo(double a, double b)
    {
        Floats.FloorDivide(a, b, out var rest);
        return rest;
    }

    private static long Power(long a, long b)
    {
        var result = 1L;
        for (; b > 0; b >>= 1)
        {
            result = (b & 1) != 0 ? checked(result * a) : result;
            a = b > 1 ? checked(a * a) : a;
        }

        return result;
    }
}
