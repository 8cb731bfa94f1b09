using System.Globalization;
using System.Numerics;
using Reft.Python.Runtime;

namespace Reft.Python.Library;

/// <summary>A finite decimal number: sign, digits and power of ten, so that <c>1.10</c> is not <c>1.1</c>.</summary>
internal sealed class PyDecimal(bool negative, BigInteger coefficient, int exponent) : PyObject
{
    public bool Negative { get; } = negative;

    public BigInteger Coefficient { get; } = coefficient;

    public int Exponent { get; } = exponent;

    public bool IsFinite => Coefficient.Sign >= 0;

    public override PyType Type => DecimalModule.Decimal;

    /// <summary>The exponent of the first digit.</summary>
    public long Adjusted => Exponent + DigitCount(Coefficient) - 1L;

    private BigInteger Signed => Negative ? -Coefficient : Coefficient;

    public PyFraction ToFraction(Vm vm)
    {
        vm.CheckBits(Math.Abs((double)Exponent) * 3.33);
        return Exponent >= 0
            ? PyFraction.Make(vm, Signed * Ints.Power10(Exponent), BigInteger.One)
            : PyFraction.Make(vm, Signed, Ints.Power10(-Exponent));
    }

    public override object? Binary(Vm vm, BinaryOp op, object other, bool reflected)
    {
        var second = other as PyDecimal
            ?? (Ints.TryBig(other, out var big) ? new PyDecimal(big.Sign < 0, BigInteger.Abs(big), 0) : null);
        if (second is null)
        {
            return null;
        }

        var (a, b) = reflected ? (second, this) : (this, second);
        vm.Charge(4);
        switch (op)
        {
            case BinaryOp.Add:
                return Add(vm, a, b);
            case BinaryOp.Subtract:
                return Add(vm, a, new PyDecimal(!b.Negative, b.Coefficient, b.Exponent));
            case BinaryOp.Multiply:
                Ints.ChargeProduct(vm, a.Coefficient.GetBitLength(), b.Coefficient.GetBitLength());
                return Finish(vm, a.Negative != b.Negative, a.Coefficient * b.Coefficient, (long)a.Exponent + b.Exponent);
            case BinaryOp.Divide:
                return Divide(vm, a, b);
            case BinaryOp.FloorDivide or BinaryOp.Modulo:
                return DivideInteger(vm, op, a, b);
            case BinaryOp.Power:
                return Power(vm, a, b);
            default:
                return null;
        }
    }

    public override object? Unary(Vm vm, UnaryOp op) => op switch
    {
        UnaryOp.Negate => Finish(vm, !Negative && !Coefficient.IsZero, Coefficient, Exponent),
        UnaryOp.Plus => Finish(vm, Negative && !Coefficient.IsZero, Coefficient, Exponent),
        _ => null,
    };

    public override PyDecimal Abs(Vm vm) => Finish(vm, false, Coefficient, Exponent);

    public override bool? EqualTo(Vm vm, object other) => Order(vm, other) is { } order ? order == 0 : IsNan(other) ? false : null;

    public override bool? Compare(Vm vm, CompareOp op, object other) =>
        Order(vm, other) is { } order ? Ops.Holds(op, order) : IsNan(other) ? false : null;

    public override long Hash(Vm vm) => ToFraction(vm).Hash(vm);

    public override bool Truth(Vm vm) => !Coefficient.IsZero;

    public override string Repr(Vm vm) => $"Decimal('{Str(vm)}')";

    public override string Str(Vm vm)
    {
        var digits = Digits(vm);
        var left = (long)Exponent + digits.Length;
        var point = Exponent <= 0 && left > -6 ? left : 1;
        string text;
        if (point <= 0)
        {
            text = "0." + new string('0', (int)-point) + digits;
        }
        else if (point >= digits.Length)
        {
            text = digits + new string('0', (int)(point - digits.Length));
        }
        else
        {
            text = digits[..(int)point] + "." + digits[(int)point..];
        }

        var power = left - point;
        return (Negative ? "-" : "") + text + (power == 0 ? "" : string.Create(
            CultureInfo.InvariantCulture, $"E{(power < 0 ? "-" : "+")}{Math.Abs(power)}"));
    }

    public override string Format(Vm vm, string spec)
    {
        if (spec.Length == 0)
        {
            return Str(vm);
        }

        var format = FormatSpec.Parse(vm, spec, "decimal.Decimal");
        vm.CheckBits(Math.Max(0, format.Precision) * 3.3);
        PyDecimal shown;
        var tail = "";
        switch (format.Type)
        {
            case 'f' or 'F':
                shown = format.Precision < 0 ? this : Rescale(-format.Precision, "ROUND_HALF_EVEN");
                break;
            case '%':
                shown = new PyDecimal(Negative, Coefficient, Exponent + 2);
                shown = format.Precision < 0 ? shown : shown.Rescale(-format.Precision, "ROUND_HALF_EVEN");
                tail = "%";
                break;
            case '\0' when format.Precision < 0:
                var text = Str(vm).TrimStart('-');
                var end = text.AsSpan().IndexOfAnyExceptInRange('0', '9');
                return format.Number(vm, Negative, "", end < 0 ? text : text[..end], end < 0 ? "" : text[end..], 3);
            default:
                throw new UnsupportedException($"format '{spec}' of a Decimal");
        }

        if (shown.Exponent > 0)
        {
            shown = shown.Rescale(0, "ROUND_HALF_EVEN");
        }

        var digits = shown.Digits(vm).PadLeft(1 - shown.Exponent, '0');
        var whole = digits.Length + shown.Exponent;
        return format.Number(
            vm, Negative, "", digits[..whole], (shown.Exponent < 0 ? "." + digits[whole..] : "") + tail, 3);
    }

    public override double? ToFloat(Vm vm)
    {
        var fraction = ToFraction(vm);
        var value = Floats.Ratio(fraction.Numerator, fraction.Denominator);
        return Negative && value == 0 ? -0.0 : value;
    }

    public override object ToInt(Vm vm) => ToFraction(vm).ToInt(vm);

    public override object ToWhole(Vm vm, string method) => ToFraction(vm).ToWhole(vm, method);

    public override object Round(Vm vm, long? digits) => digits is { } places
        ? Quantize(vm, -Math.Clamp(places, -100_000, 100_000), "ROUND_HALF_EVEN")
        : ToFraction(vm).Round(vm, null);

    public PyDecimal Quantize(Vm vm, long exponent, string mode)
    {
        vm.CheckBits(Math.Max(0, Adjusted - exponent) * 3.3);
        var result = Rescale((int)exponent, mode);
        return DigitCount(result.Coefficient) > vm.DecimalPrecision
            ? throw DecimalModule.Invalid("decimal.InvalidOperation")
            : result;
    }

    public PyDecimal ToIntegral(string mode) => Exponent >= 0 ? this : Rescale(0, mode);

    public PyDecimal Normalize(Vm vm)
    {
        var rounded = Finish(vm, Negative, Coefficient, Exponent);
        var (digits, power) = (rounded.Coefficient, rounded.Exponent);
        if (digits.IsZero)
        {
            return new PyDecimal(Negative, 0, 0);
        }

        while (digits % 10 == 0)
        {
            vm.Tick();
            digits /= 10;
            power++;
        }

        return new PyDecimal(Negative, digits, power);
    }

    public PyDecimal Sqrt(Vm vm)
    {
        if (Coefficient.IsZero)
        {
            return new PyDecimal(Negative, 0, Exponent >> 1);
        }

        if (Negative)
        {
            throw DecimalModule.Invalid("decimal.InvalidOperation");
        }

        var precision = vm.DecimalPrecision + 1;
        var power = Exponent >> 1;
        var digits = DigitCount(Coefficient);
        var value = Coefficient;
        var length = (digits + 1) >> 1;
        if ((Exponent & 1) != 0)
        {
            value *= 10;
            length = (digits >> 1) + 1;
        }

        var shift = precision - length;
        var isExact = true;
        if (shift >= 0)
        {
            value *= Ints.Power10(2 * shift);
        }
        else
        {
            value = BigInteger.DivRem(value, Ints.Power10(-2 * shift), out var rest);
            isExact = rest.IsZero;
        }

        Ints.ChargeProduct(vm, value.GetBitLength() * 6, value.GetBitLength() * 6);
        power -= shift;
        var root = Ints.SquareRoot(value);
        if (isExact && root * root == value)
        {
            root = shift >= 0 ? root / Ints.Power10(shift) : root * Ints.Power10(-shift);
            power += shift;
        }
        else if (root % 5 == 0)
        {
            root += 1;
        }

        return Finish(vm, false, root, power);
    }

    private static bool IsNan(object other) => other is double real && double.IsNaN(real);

    private static int DigitCount(BigInteger value)
    {
        if (value.IsZero)
        {
            return 1;
        }

        var guess = (int)((value.GetBitLength() - 1) * 0.30102999566398120);
        return value >= Ints.Power10(guess) ? value >= Ints.Power10(guess + 1) ? guess + 2 : guess + 1 : guess;
    }

    private static PyDecimal Finish(Vm vm, bool negative, BigInteger coefficient, long exponent)
    {
        Ints.ChargeProduct(vm, coefficient.GetBitLength(), coefficient.GetBitLength());
        var excess = DigitCount(coefficient) - vm.DecimalPrecision;
        if (excess > 0)
        {
            coefficient = Ints.RoundDivide(coefficient, Ints.Power10(excess));
            exponent += excess;
            if (DigitCount(coefficient) > vm.DecimalPrecision)
            {
                coefficient /= 10;
                exponent++;
            }
        }

        if (Math.Abs(exponent) > 100_000)
        {
            throw new UnsupportedException("Decimal with an exponent beyond 100000");
        }

        vm.Allocate(64);
        return new PyDecimal(negative, coefficient, (int)exponent);
    }

    private static PyDecimal Add(Vm vm, PyDecimal a, PyDecimal b)
    {
        var power = Math.Min(a.Exponent, b.Exponent);
        if ((a.Coefficient.IsZero && !b.Coefficient.IsZero) || (b.Coefficient.IsZero && !a.Coefficient.IsZero))
        {
            // A zero only widens the other number, and not beyond the precision.
            var other = a.Coefficient.IsZero ? b : a;
            power = (int)Math.Max(power, other.Adjusted - vm.DecimalPrecision);
            power = Math.Min(power, other.Exponent);
            return Finish(vm, other.Negative, other.Coefficient * Ints.Power10(other.Exponent - power), power);
        }

        vm.CheckBits(Math.Abs((double)a.Exponent - b.Exponent) * 3.33);
        var sum = (a.Signed * Ints.Power10(a.Exponent - power)) + (b.Signed * Ints.Power10(b.Exponent - power));
        var negative = sum.IsZero ? a.Negative && b.Negative : sum.Sign < 0;
        return Finish(vm, negative, BigInteger.Abs(sum), power);
    }

    private static PyDecimal Divide(Vm vm, PyDecimal a, PyDecimal b)
    {
        if (b.Coefficient.IsZero)
        {
            throw a.Coefficient.IsZero
                ? DecimalModule.Invalid("decimal.DivisionUndefined")
                : Err.Make(DecimalModule.DivisionByZero, new PyList([DecimalModule.DivisionByZero]));
        }

        var negative = a.Negative != b.Negative;
        if (a.Coefficient.IsZero)
        {
            return Finish(vm, negative, 0, (long)a.Exponent - b.Exponent);
        }

        var shift = DigitCount(b.Coefficient) - DigitCount(a.Coefficient) + vm.DecimalPrecision + 1;
        var power = (long)a.Exponent - b.Exponent - shift;
        var numerator = shift >= 0 ? a.Coefficient * Ints.Power10(shift) : a.Coefficient;
        var denominator = shift >= 0 ? b.Coefficient : b.Coefficient * Ints.Power10(-shift);
        Ints.ChargeProduct(vm, numerator.GetBitLength(), denominator.GetBitLength());
        var quotient = BigInteger.DivRem(numerator, denominator, out var rest);
        if (!rest.IsZero)
        {
            if (quotient % 5 == 0)
            {
                quotient += 1;
            }
        }
        else
        {
            var ideal = (long)a.Exponent - b.Exponent;
            while (power < ideal && quotient % 10 == 0)
            {
                quotient /= 10;
                power++;
            }
        }

        return Finish(vm, negative, quotient, power);
    }

    private static PyDecimal DivideInteger(Vm vm, BinaryOp op, PyDecimal a, PyDecimal b)
    {
        if (b.Coefficient.IsZero)
        {
            throw a.Coefficient.IsZero
                ? DecimalModule.Invalid("decimal.DivisionUndefined")
                : op == BinaryOp.Modulo
                    ? DecimalModule.Invalid("decimal.InvalidOperation")
                    : Err.Make(DecimalModule.DivisionByZero, new PyList([DecimalModule.DivisionByZero]));
        }

        var power = Math.Min(a.Exponent, b.Exponent);
        vm.CheckBits(Math.Abs((double)a.Exponent - b.Exponent) * 3.33);
        var x = a.Coefficient * Ints.Power10(a.Exponent - power);
        var y = b.Coefficient * Ints.Power10(b.Exponent - power);
        var quotient = BigInteger.DivRem(x, y, out var rest);
        if (DigitCount(quotient) > vm.DecimalPrecision)
        {
            throw DecimalModule.Invalid("decimal.DivisionImpossible");
        }

        return op == BinaryOp.FloorDivide
            ? new PyDecimal(a.Negative != b.Negative, quotient, 0)
            : Finish(vm, a.Negative, rest, power);
    }

    private static PyDecimal Power(Vm vm, PyDecimal a, PyDecimal b)
    {
        if (b.Exponent < 0 && !(b.Coefficient % Ints.Power10(Math.Min(-b.Exponent, 2000))).IsZero)
        {
            throw new UnsupportedException("Decimal to a power that is not whole");
        }

        var power = Ints.Big(b.ToInt(vm));
        if (a.Coefficient.IsZero)
        {
            throw new UnsupportedException("zero Decimal to a power");
        }

        var times = BigInteger.Abs(power);
        vm.CheckBits(a.Coefficient.GetBitLength() * (double)times);
        if (times.IsZero)
        {
            return new PyDecimal(false, 1, 0);
        }

        var bits = (long)(a.Coefficient.GetBitLength() * (double)times);
        Ints.ChargeProduct(vm, bits, bits);
        var raised = BigInteger.Pow(a.Coefficient, (int)times);
        var negative = a.Negative && !power.IsEven;
        var scale = (long)a.Exponent * (long)times;
        if (power.Sign > 0)
        {
            return Finish(vm, negative, raised, scale);
        }

        if (Math.Abs(scale) > 100_000)
        {
            throw new UnsupportedException("Decimal with an exponent beyond 100000");
        }

        return Divide(vm, new PyDecimal(negative, 1, 0), new PyDecimal(false, raised, (int)scale));
    }

    private int? Order(Vm vm, object other)
    {
        switch (other)
        {
            case PyDecimal or long or BigInteger or bool:
                var second = other as PyDecimal ?? new PyDecimal(Ints.Big(other).Sign < 0, BigInteger.Abs(Ints.Big(other)), 0);
                vm.CheckBits(Math.Abs((double)Exponent - second.Exponent) * 3.33);
                var power = Math.Min(Exponent, second.Exponent);
                return (Signed * Ints.Power10(Exponent - power)).CompareTo(second.Signed * Ints.Power10(second.Exponent - power));
            case double real when double.IsInfinity(real):
                return real > 0 ? -1 : 1;
            case double real when double.IsFinite(real):
                var (a, b) = Floats.ToRatio(real);
                return Order(vm, new PyFraction(a, b));
            case PyFraction fraction:
                var mine = ToFraction(vm);
                return (mine.Numerator * fraction.Denominator).CompareTo(fraction.Numerator * mine.Denominator);
            default:
                return null;
        }
    }

    private string Digits(Vm vm)
    {
        vm.Charge(1 + (Coefficient.GetBitLength() >> 6));
        return vm.Text(Coefficient.ToString(CultureInfo.InvariantCulture));
    }

    private PyDecimal Rescale(int exponent, string mode)
    {
        if (exponent <= Exponent)
        {
            return new PyDecimal(Negative, Coefficient * Ints.Power10(Exponent - exponent), exponent);
        }

        var unit = Ints.Power10(Math.Min(exponent - Exponent, DigitCount(Coefficient) + 2));
        var quotient = BigInteger.DivRem(Coefficient, unit, out var rest);
        var half = (rest * 2).CompareTo(unit);
        var up = mode switch
        {
            "ROUND_UP" => !rest.IsZero,
            "ROUND_CEILING" => !rest.IsZero && !Negative,
            "ROUND_FLOOR" => !rest.IsZero && Negative,
            "ROUND_HALF_UP" => half >= 0,
            "ROUND_HALF_DOWN" => half > 0,
            "ROUND_HALF_EVEN" => half > 0 || (half == 0 && !quotient.IsEven),
            _ => false,
        };
        return new PyDecimal(Negative, up ? quotient + 1 : quotient, exponent);
    }
}
