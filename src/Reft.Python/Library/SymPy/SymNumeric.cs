using System.Globalization;
using System.Numerics;
using Reft.Python.Runtime;

namespace Reft.Python.Library.SymPy;

/// <summary>The value of an expression without symbols, to 53 bits.</summary>
internal static class SymNumeric
{
    private const int Bits = 320;

    public static double Value(Vm vm, SymExpr expression)
    {
        if (expression.Rational is { } exact)
        {
            return Ops.ToFloat(vm, exact);
        }

        var total = BigInteger.Zero;
        foreach (var (monomial, value) in expression.Terms)
        {
            vm.Charge(400);
            if (value.Numerator.GetBitLength() > 2000 || value.Denominator.GetBitLength() > 2000 || monomial.Radicand.GetBitLength() > 2000)
            {
                throw new UnsupportedException("value of a large sympy expression");
            }

            var term = Ints.SquareRoot(monomial.Radicand << (2 * Bits));
            var power = monomial.Powers.GetValueOrDefault(SymExpr.Pi);
            if (Math.Abs(power) > 20)
            {
                throw new UnsupportedException("high powers of pi");
            }

            for (var i = 0; i < Math.Abs(power); i++)
            {
                term = power > 0 ? (term * PiScaled()) >> Bits : (term << Bits) / PiScaled();
            }

            total += term * value.Numerator / value.Denominator;
        }

        if (BigInteger.Abs(total).GetBitLength() < 120)
        {
            throw new UnsupportedException("value of a sympy expression that nearly cancels");
        }

        return Floats.Ratio(total, BigInteger.One << Bits);
    }

    /// <summary>π·2^Bits, by Machin's formula.</summary>
    private static BigInteger PiScaled()
    {
        static BigInteger ArcTangentOfInverse(int x)
        {
            var power = (BigInteger.One << (Bits + 32)) / x;
            var sum = power;
            for (var n = 3; !power.IsZero; n += 2)
            {
                power /= -x * x;
                sum += power / n;
            }

            return sum;
        }

        return ((16 * ArcTangentOfInverse(5)) - (4 * ArcTangentOfInverse(239))) >> 32;
    }
}

/// <summary>A float of sympy, with 15 digits.</summary>
internal sealed class SymFloat(double value) : PyObject
{
    private static readonly PyType FloatType = new("sympy Float");

    public override PyType Type => FloatType;

    public override object? Binary(Vm vm, BinaryOp op, object other, bool reflected) =>
        Binary(vm, op, other, reflected, true);

    /// <summary>As sympy, both numbers are rounded to 53 bits first; a rational over a float is rounded twice there.</summary>
    public object? Binary(Vm vm, BinaryOp op, object other, bool reflected, bool isSafe)
    {
        double? second = other switch
        {
            double real => real,
            SymFloat number => number.ToFloat(vm),
            SymExpr { Rational: { } rational } => Ops.ToFloat(vm, rational),
            long => Ops.ToFloat(vm, other),
            _ => null,
        };
        if (second is not { } y || op > BinaryOp.Divide || op == BinaryOp.MatrixMultiply || !isSafe
            || (op == BinaryOp.Divide && reflected && other is not (double or SymFloat)))
        {
            throw new UnsupportedException("this operation with a float of sympy");
        }

        var (a, b) = reflected ? (y, value) : (value, y);
        var result = op switch
        {
            BinaryOp.Add => a + b,
            BinaryOp.Subtract => a - b,
            BinaryOp.Multiply => a * b,
            _ => a / b,
        };
        return double.IsFinite(result) && (result == 0 || Math.Abs(result) > 1e-290)
            ? new SymFloat(result)
            : throw new UnsupportedException("floats of sympy out of range");
    }

    public override object? Unary(Vm vm, UnaryOp op) => op == UnaryOp.Negate ? new SymFloat(-value) : op == UnaryOp.Plus ? this : null;

    public override bool? EqualTo(Vm vm, object other) => throw new UnsupportedException("equality of sympy floats");

    public override bool? Compare(Vm vm, CompareOp op, object other) => other is SymExpr or SymFloat
        ? throw new UnsupportedException("comparison of sympy floats")
        : Ops.Compare(vm, op, value, other);

    public override long Hash(Vm vm) => throw new UnsupportedException("hash of a sympy float");

    public override bool Truth(Vm vm) => value != 0;

    public override double? ToFloat(Vm vm) => value;

    public override object? ToInt(Vm vm) => Floats.ToIntOrRaise(value);

    public override string Repr(Vm vm)
    {
        var magnitude = Math.Abs(value);
        if (magnitude is < 1e-4 or >= 1e14)
        {
            throw new UnsupportedException("text of a small or large sympy float");
        }

        var exponent = Floats.Shortest(magnitude).Point;
        var digits = Floats.Scaled(magnitude, 15 - exponent).ToString(CultureInfo.InvariantCulture);
        if (digits.Length != 15)
        {
            throw new UnsupportedException("text of this sympy float");
        }

        var text = exponent <= 0 ? "0." + new string('0', -exponent) + digits : digits[..exponent] + "." + digits[exponent..];
        return value < 0 ? "-" + text : text;
    }

    public override object? GetAttribute(Vm vm, string name) => name is "evalf" or "n"
        ? new NativeFunction(name, 0, 0, (_, _) => this)
        : throw new UnsupportedException($"sympy Float's {name}");
}
