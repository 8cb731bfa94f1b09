using System.Globalization;
using System.Numerics;
using System.Text;
using Reft.Python.Runtime;

namespace Reft.Python.Library;

/// <summary>A format specification: fill, align, sign, <c>#</c>, <c>0</c>, width, grouping, precision, type.</summary>
internal sealed class FormatSpec
{
    public string Fill { get; private set; } = " ";

    public char Align { get; private set; }

    public char Sign { get; private set; } = '-';

    public bool Alternate { get; private set; }

    public bool NoNegativeZero { get; private set; }

    public int Width { get; private set; } = -1;

    public char Grouping { get; private set; }

    public int Precision { get; private set; } = -1;

    public char Type { get; private set; }

    public static FormatSpec Parse(Vm vm, string spec, string typeName)
    {
        Texts.RequirePlain(spec);
        var result = new FormatSpec();
        var i = 0;
        if (spec.Length > 1 && IsAlign(spec[1]))
        {
            result.Fill = spec[..1];
            result.Align = spec[1];
            i = 2;
        }
        else if (spec.Length > 0 && IsAlign(spec[0]))
        {
            result.Align = spec[0];
            i = 1;
        }

        var hasFill = i == 2;
        if (i < spec.Length && spec[i] is '+' or '-' or ' ')
        {
            result.Sign = spec[i++];
        }

        if (i < spec.Length && spec[i] == 'z')
        {
            result.NoNegativeZero = true;
            i++;
        }

        if (i < spec.Length && spec[i] == '#')
        {
            result.Alternate = true;
            i++;
        }

        if (!hasFill && i < spec.Length && spec[i] == '0')
        {
            result.Fill = "0";
            if (result.Align == 0 && typeName != "str")
            {
                result.Align = '=';
            }

            i++;
        }

        result.Width = Number(vm, spec, ref i);
        if (i < spec.Length && spec[i] is ',' or '_')
        {
            result.Grouping = spec[i++];
            if (i < spec.Length && spec[i] is ',' or '_')
            {
                throw Err.Value(
                    spec[i] == result.Grouping
                        ? $"Cannot specify '{spec[i]}' with '{spec[i]}'."
                        : "Cannot specify both ',' and '_'.");
            }
        }

        if (i < spec.Length && spec[i] == '.')
        {
            i++;
            result.Precision = Number(vm, spec, ref i);
            if (result.Precision < 0)
            {
                throw Err.Value("Format specifier missing precision");
            }
        }

        if (spec.Length - i > 1)
        {
            throw Err.Value($"Invalid format specifier '{spec}' for object of type '{typeName}'");
        }

        if (i < spec.Length)
        {
            result.Type = spec[i];
        }

        return result;
    }

    public string Text(Vm vm, string text)
    {
        if (Type is not ('\0' or 's'))
        {
            throw Err.Value($"Unknown format code '{Type}' for object of type 'str'");
        }

        if (Sign != '-' || Alternate || NoNegativeZero || Grouping != 0 || Align == '=')
        {
            throw Err.Value(
                Grouping != 0 ? $"Cannot specify '{Grouping}' with 's'."
                : Align == '=' ? "'=' alignment not allowed in string format specifier"
                : Alternate ? "Alternate form (#) not allowed in string format specifier"
                : NoNegativeZero ? "Negative zero coercion (z) not allowed in string format specifier"
                : Sign == ' ' ? "Space not allowed in string format specifier"
                : "Sign not allowed in string format specifier");
        }

        if (Width >= 0 || Precision >= 0)
        {
            Texts.RequirePlain(text);
        }

        if (Precision >= 0 && Precision < text.Length)
        {
            text = text[..Precision];
        }

        return Pad(vm, "", text, '<');
    }

    public string Integer(Vm vm, object value)
    {
        switch (Type)
        {
            case 'e' or 'E' or 'f' or 'F' or 'g' or 'G' or '%':
                return Float(vm, Floats.FromInt(value));
            case '\0' or 'd' or 'n' or 'b' or 'o' or 'x' or 'X' or 'c':
                break;
            default:
                throw Err.Value($"Unknown format code '{Type}' for object of type 'int'");
        }

        if (Precision >= 0)
        {
            throw Err.Value("Precision not allowed in integer format specifier");
        }

        if (NoNegativeZero)
        {
            throw Err.Value("Negative zero coercion (z) not allowed in format specifier with integer format code 'd'");
        }

        if (Grouping != 0 && (Type is 'n' or 'c' || (Grouping == ',' && Type is 'b' or 'o' or 'x' or 'X')))
        {
            throw Err.Value($"Cannot specify '{Grouping}' with '{Type}'.");
        }

        var number = Ints.Big(value);
        if (Type == 'c')
        {
            return Pad(vm, "", Builtins.Character(number), '<');
        }

        var magnitude = BigInteger.Abs(number);
        var digits = Type switch
        {
            'b' => NumberMethods.Digits(vm, magnitude, 1),
            'o' => NumberMethods.Digits(vm, magnitude, 3),
            'x' => NumberMethods.Digits(vm, magnitude, 4),
            'X' => NumberMethods.Digits(vm, magnitude, 4).ToUpperInvariant(),
            _ => Show.Integer(vm, magnitude),
        };
        var prefix = Alternate ? Type switch { 'b' => "0b", 'o' => "0o", 'x' => "0x", 'X' => "0X", _ => "" } : "";
        var group = Type is 'b' or 'o' or 'x' or 'X' ? 4 : 3;
        return Number(vm, number.Sign < 0, prefix, digits, "", group);
    }

    public string Float(Vm vm, double value)
    {
        if (Type is not ('\0' or 'e' or 'E' or 'f' or 'F' or 'g' or 'G' or 'n' or '%'))
        {
            throw Err.Value($"Unknown format code '{Type}' for object of type 'float'");
        }

        if (Grouping != 0 && Type == 'n')
        {
            throw Err.Value($"Cannot specify '{Grouping}' with 'n'.");
        }

        if (Precision > vm.Limits.MaxIntegerDigits)
        {
            throw new UnsupportedException(FormattableString.Invariant($"precision of {Precision} digits"));
        }

        var upper = Type is 'E' or 'F' or 'G';
        var negative = double.IsNegative(value) && !double.IsNaN(value);
        if (!double.IsFinite(value))
        {
            var word = double.IsNaN(value) ? "nan" : "inf";
            var suffix = Type == '%' ? "%" : "";
            return Number(vm, negative, "", "", (upper ? word.ToUpperInvariant() : word) + suffix, 3);
        }

        vm.Charge(1 + (Math.Max(Precision, 0) >> 3));
        var text = Digits(Math.Abs(value));
        if (negative && NoNegativeZero && text.AsSpan().IndexOfAnyInRange('1', '9') < 0)
        {
            negative = false;
        }

        if (upper)
        {
            text = text.ToUpperInvariant();
        }

        var whole = 0;
        while (whole < text.Length && char.IsAsciiDigit(text[whole]))
        {
            whole++;
        }

        return Number(vm, negative, "", text[..whole], text[whole..], 3);
    }

    /// <summary>Digits with a sign, grouped and padded; the tail follows the grouped digits.</summary>
    public string Number(Vm vm, bool negative, string prefix, string digits, string tail, int group)
    {
        var sign = negative ? "-" : Sign == '-' ? "" : Sign.ToString();
        sign += prefix;
        if (Grouping != 0 && digits.Length > 0)
        {
            var wanted = Fill == "0" && Align == '=' ? Width - sign.Length - tail.Length : 0;
            vm.AllocateText(Math.Max(wanted, digits.Length));
            digits = Grouped(digits, Math.Max(wanted, 0), group);
        }

        return Pad(vm, sign, digits + tail, '>');
    }

    private static bool IsAlign(char c) => c is '<' or '>' or '=' or '^';

    private static int Number(Vm vm, string spec, ref int i)
    {
        var start = i;
        while (i < spec.Length && char.IsAsciiDigit(spec[i]))
        {
            i++;
        }

        if (i == start)
        {
            return -1;
        }

        if (!int.TryParse(spec.AsSpan(start, i - start), NumberStyles.None, CultureInfo.InvariantCulture, out var value))
        {
            if (i - start > 19)
            {
                throw Err.Value("Too many decimal digits in format string");
            }

            vm.AllocateText(long.MaxValue);
        }

        return value;
    }

    private string Grouped(string digits, int minimum, int group)
    {
        var result = new StringBuilder();
        var written = 0;
        for (var i = 0; i < digits.Length || result.Length < minimum; i++)
        {
            if (written == group)
            {
                result.Insert(0, Grouping);
                written = 0;
                if (i >= digits.Length && result.Length >= minimum)
                {
                    result.Insert(0, '0');
                    break;
                }
            }

            result.Insert(0, i < digits.Length ? digits[^(i + 1)] : '0');
            written++;
        }

        return result.ToString();
    }

    private string Pad(Vm vm, string sign, string body, char usual)
    {
        var missing = Width - sign.Length - body.Length;
        if (missing <= 0)
        {
            return sign + body;
        }

        vm.AllocateText(Width);
        var align = Align == 0 ? usual : Align;
        var left = align switch { '<' => 0, '^' => missing / 2, _ => missing };
        var before = new string(Fill[0], left);
        var after = new string(Fill[0], missing - left);
        return align == '=' ? sign + before + body : before + sign + body + after;
    }

    private string Digits(double magnitude)
    {
        switch (Type)
        {
            case 'f' or 'F':
                return Fixed(magnitude, Precision < 0 ? 6 : Precision);
            case '%':
                return Fixed(magnitude * 100, Precision < 0 ? 6 : Precision) + "%";
            case 'e' or 'E':
                var (mantissa, exponent) = Rounded(magnitude, (Precision < 0 ? 6 : Precision) + 1);
                var text = Floats.Exponential(mantissa, exponent, "e");
                return Alternate && mantissa.Length == 1 ? text.Insert(1, ".") : text;
            case 'g' or 'G' or 'n':
                return General(magnitude, Precision < 0 ? 6 : Math.Max(Precision, 1), 0);
            default:
                if (Precision >= 0)
                {
                    return General(magnitude, Math.Max(Precision, 1), 1);
                }

                return Alternate
                    ? throw new UnsupportedException("alternate form of a float without a format type")
                    : Floats.Repr(magnitude);
        }
    }

    private string Fixed(double magnitude, int precision)
    {
        if (double.IsInfinity(magnitude))
        {
            return "inf";
        }

        var digits = Floats.Scaled(magnitude, precision).ToString(CultureInfo.InvariantCulture)
            .PadLeft(precision + 1, '0');
        var point = digits.Length - precision;
        return precision == 0 && !Alternate ? digits : digits[..point] + "." + digits[point..];
    }

    /// <summary>So many significant digits of a magnitude and the exponent of the first.</summary>
    private static (string Digits, int Exponent) Rounded(double magnitude, int count)
    {
        if (magnitude == 0)
        {
            return (new string('0', count), 0);
        }

        var (shortest, point) = Floats.Shortest(magnitude);
        var exponent = point - 1;
        if (shortest == "1" && Floats.IsBelowPower10(magnitude, exponent))
        {
            // The shortest text of a subnormal number may be rounded up to the next power of ten.
            exponent--;
        }

        var scaled = Floats.Scaled(magnitude, count - 1 - exponent);
        if (scaled >= Ints.Power10(count))
        {
            exponent++;
            scaled = Floats.Scaled(magnitude, count - 1 - exponent);
        }

        return (scaled.ToString(CultureInfo.InvariantCulture).PadLeft(count, '0'), exponent);
    }

    private string General(double magnitude, int count, int minimumFraction)
    {
        var (digits, exponent) = Rounded(magnitude, count);
        // Without a type the text keeps a digit after the point, so it turns to exponents one place earlier.
        if (exponent < -4 || exponent >= count - minimumFraction)
        {
            var trimmed = Alternate ? digits : digits[..1] + digits[1..].TrimEnd('0');
            var text = Floats.Exponential(trimmed, exponent, "e");
            return Alternate && trimmed.Length == 1 ? text.Insert(1, ".") : text;
        }

        var whole = exponent >= 0 ? digits[..(exponent + 1)] : "0";
        var fraction = exponent >= 0 ? digits[(exponent + 1)..] : new string('0', -exponent - 1) + digits;
        if (!Alternate)
        {
            fraction = fraction.TrimEnd('0');
        }

        if (fraction.Length < minimumFraction)
        {
            fraction = fraction.PadRight(minimumFraction, '0');
        }

        return fraction.Length > 0 || Alternate ? whole + "." + fraction : whole;
    }
}
