using System.Numerics;
using Reft.Python.Runtime;

namespace Reft.Python.Library;

/// <summary>Methods and attributes of ints and floats.</summary>
internal static class NumberMethods
{
    public static object? Attribute(object target, string name) => (target, name) switch
    {
        (string, _) => null,
        (double, "real") => target,
        (_, "real" or "numerator") when target is not double => Ints.Plain(target),
        (_, "imag") => target is double ? 0.0 : Ints.Box(0),
        (_, "denominator") when target is not double => Ints.Box(1),
        _ => null,
    };

    public static IEnumerable<NativeMethod> OfInt() =>
    [
        new("bit_length", 0, 0, (_, self, _) => Ints.Box((long)BigInteger.Abs(Ints.Big(self)).GetBitLength())),
        new("bit_count", 0, 0, (_, self, _) => Ints.Box((long)BigInteger.PopCount(BigInteger.Abs(Ints.Big(self))))),
        new("conjugate", 0, 0, (_, self, _) => Ints.Plain(self)!),
        new("as_integer_ratio", 0, 0, (_, self, _) => new PyTuple([Ints.Plain(self)!, Ints.Box(1)])),
        new("__add__", 1, 1, (vm, self, args) => Arithmetic.Binary(vm, BinaryOp.Add, self, args[0])!),
        new("__mul__", 1, 1, (vm, self, args) => Arithmetic.Binary(vm, BinaryOp.Multiply, self, args[0])!),
        new("is_integer", 0, 0, (_, self, _) => throw Err.Attribute(self, "is_integer")),
    ];

    public static IEnumerable<NativeMethod> OfFloat() =>
    [
        new("is_integer", 0, 0, (_, self, _) =>
            Bools.Of(double.IsFinite((double)self) && Math.Floor((double)self) == (double)self)),
        new("conjugate", 0, 0, (_, self, _) => self),
        new("as_integer_ratio", 0, 0, (_, self, _) => Ratio((double)self)),
        new("hex", 0, 0, (_, _, _) => throw new UnsupportedException("float.hex")),
    ];

    /// <summary>The digits of a natural number in base 2, 8 or 16.</summary>
    public static string Digits(Vm vm, BigInteger value, int bitsPerDigit)
    {
        if (value.IsZero)
        {
            return "0";
        }

        var count = ((long)value.GetBitLength() + bitsPerDigit - 1) / bitsPerDigit;
        vm.AllocateText(count);
        vm.Charge(count);
        var bytes = value.ToByteArray(isUnsigned: true);
        return string.Create((int)count, (bytes, bitsPerDigit), static (span, state) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                var digit = 0;
                for (var b = 0; b < state.bitsPerDigit; b++)
                {
                    var bit = (i * state.bitsPerDigit) + b;
                    if (bit >> 3 < state.bytes.Length && (state.bytes[bit >> 3] >> (bit & 7) & 1) != 0)
                    {
                        digit |= 1 << b;
                    }
                }

                span[span.Length - 1 - i] = "0123456789abcdef"[digit];
            }
        });
    }

    private static PyTuple Ratio(double value)
    {
        if (!double.IsFinite(value))
        {
            throw double.IsNaN(value)
                ? Err.Value("cannot convert NaN to integer ratio")
                : Err.Overflow("cannot convert Infinity to integer ratio");
        }

        var (numerator, denominator) = Floats.ToRatio(value);
        return new PyTuple([Ints.Box(numerator), Ints.Box(denominator)]);
    }
}
