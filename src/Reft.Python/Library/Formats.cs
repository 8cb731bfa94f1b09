using System.Globalization;
using System.Numerics;
using System.Text;
using Reft.Python.Runtime;

namespace Reft.Python.Library;

/// <summary><c>format(value, spec)</c> of any value.</summary>
internal static class Formats
{
    public static string Apply(Vm vm, object value, string spec)
    {
        if (spec.Length == 0)
        {
            return Show.Str(vm, value);
        }

        switch (value)
        {
            case string text:
                return FormatSpec.Parse(vm, spec, "str").Text(vm, text);
            case long or BigInteger or bool:
                return FormatSpec.Parse(vm, spec, "int").Integer(vm, Ints.Plain(value)!);
            case double real:
                return FormatSpec.Parse(vm, spec, "float").Float(vm, real);
            default:
                return ((PyObject)value).Format(vm, spec);
        }
    }
}

/// <summary>The <c>%</c> operator of strings.</summary>
internal static class PercentFormat
{
    public static string Apply(Vm vm, string format, object argument)
    {
        var result = new StringBuilder();
        var values = argument is PyTuple tuple ? tuple.Items : [argument];
        var next = 0;
        var byName = false;
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%')
            {
                result.Append(format[i]);
                continue;
            }

            i++;
            object? named = null;
            if (At(format, i) == '(')
            {
                var end = format.IndexOf(')', i);
                if (end < 0)
                {
                    throw Err.Value("incomplete format key");
                }

                if (argument is not PyDict dict)
                {
                    throw Err.Type("format requires a mapping");
                }

                byName = true;
                named = dict.GetItem(vm, format[(i + 1)..end]);
                i = end + 1;
            }

            object Take()
            {
                if (named is not null)
                {
                    return named;
                }

                return next < values.Length ? values[next++] : throw Err.Type("not enough arguments for format string");
            }

            var flags = "";
            while (At(format, i) is '-' or '+' or ' ' or '#' or '0')
            {
                flags += format[i++];
            }

            var width = Size(vm, format, ref i, Take);
            if (width < 0)
            {
                flags += "-";
                width = -width;
            }

            var precision = -1;
            if (At(format, i) == '.')
            {
                i++;
                precision = Math.Max(0, Size(vm, format, ref i, Take));
            }

            var kind = At(format, i);
            if (kind == '\0')
            {
                throw Err.Value("incomplete format");
            }

            if (kind == '%')
            {
                result.Append('%');
                continue;
            }

            var part = One(vm, kind, flags, width, precision, Take());
            vm.AllocateText(part.Length);
            result.Append(part);
        }

        if (!byName && next < values.Length && argument is not PyDict)
        {
            throw Err.Type("not all arguments converted during string formatting");
        }

        return vm.Text(result.ToString());
    }

    private static char At(string format, int index) => index < format.Length ? format[index] : '\0';

    private static int Size(Vm vm, string format, ref int i, Func<object> take)
    {
        if (At(format, i) == '*')
        {
            i++;
            var size = take() is var value && Ints.IsInt(value) ? Ops.ToLong(vm, value) : throw Err.Type("* wants int");
            vm.AllocateText(size == long.MinValue ? long.MaxValue : Math.Abs(size));
            return (int)size;
        }

        var start = i;
        while (char.IsAsciiDigit(At(format, i)))
        {
            i++;
        }

        if (i == start)
        {
            return 0;
        }

        if (!int.TryParse(format.AsSpan(start, i - start), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            throw Err.Value("width too big");
        }

        vm.AllocateText(number);
        return number;
    }

    private static string One(Vm vm, char kind, string flags, int width, int precision, object value)
    {
        var left = flags.Contains('-', StringComparison.Ordinal);
        var spec = new StringBuilder(left ? "<" : flags.Contains('0', StringComparison.Ordinal) ? "0=" : ">");
        spec.Append(flags.Contains('+', StringComparison.Ordinal) ? "+"
            : flags.Contains(' ', StringComparison.Ordinal) ? " " : "");
        spec.Append(flags.Contains('#', StringComparison.Ordinal) ? "#" : "");
        switch (kind)
        {
            case 's' or 'r' or 'a':
                var text = kind == 's' ? Show.Str(vm, value) : Show.Repr(vm, value);
                if (precision >= 0 && precision < text.Length)
                {
                    text = text[..precision];
                }

                return left ? text.PadRight(width) : text.PadLeft(width);
            case 'c':
                var single = value is string s && Texts.Length(s) == 1
                    ? s
                    : Ints.IsInt(value) ? Builtins.Character(Ints.Big(value)) : throw Err.Type("%c requires int or char");
                return left ? single.PadRight(width) : single.PadLeft(width);
            case 'd' or 'i' or 'u':
                var number = value switch
                {
                    double real => Floats.ToIntOrRaise(real),
                    string => null,
                    PyObject other => other.ToInt(vm),
                    _ => Ints.Plain(value),
                };
                if (number is null)
                {
                    throw Err.Type($"%{kind} format: a real number is required, not {Types.Of(value).Name}");
                }

                return Number(vm, spec, width, precision, 'd', number);
            case 'x' or 'X' or 'o':
                return Number(
                    vm, spec, width, precision, kind, Ops.ToIndex(vm, value)
                    ?? throw Err.Type($"%{kind} format: an integer is required, not {Types.Of(value).Name}"));
            case 'e' or 'E' or 'f' or 'F' or 'g' or 'G':
                var size = precision < 0 ? 6 : precision;
                spec.Append(CultureInfo.InvariantCulture, $"{width}.{size}{kind}");
                return FormatSpec.Parse(vm, spec.ToString(), "float").Float(vm, Ops.ToFloat(vm, value));
            default:
                throw Err.Value($"unsupported format character '{kind}' (0x{(int)kind:x})");
        }
    }

    private static string Number(Vm vm, StringBuilder spec, int width, int precision, char kind, object value)
    {
        if (precision > 0)
        {
            var digits = new FormatSpecBridge(kind).Digits(vm, Ints.Big(value));
            if (digits.Length < precision)
            {
                throw new UnsupportedException("precision of an integer in a % format");
            }
        }

        spec.Append(CultureInfo.InvariantCulture, $"{width}{kind}");
        return FormatSpec.Parse(vm, spec.ToString(), "int").Integer(vm, value);
    }

    private readonly record struct FormatSpecBridge(char Kind)
    {
        public string Digits(Vm vm, BigInteger value) => Kind switch
        {
            'd' => Show.Integer(vm, BigInteger.Abs(value)),
            'o' => NumberMethods.Digits(vm, BigInteger.Abs(value), 3),
            _ => NumberMethods.Digits(vm, BigInteger.Abs(value), 4),
        };
    }
}

/// <summary><c>str.format</c>.</summary>
internal static class BraceFormat
{
    public static string Apply(Vm vm, string format, Args args)
    {
        var automatic = 0;
        return Expand(vm, format, args, ref automatic, 2);
    }

    private static string Expand(Vm vm, string format, Args args, ref int automatic, int depth)
    {
        if (depth == 0)
        {
            throw Err.Value("Max string recursion exceeded");
        }

        var result = new StringBuilder();
        for (var i = 0; i < format.Length; i++)
        {
            var c = format[i];
            if (c is not ('{' or '}'))
            {
                result.Append(c);
                continue;
            }

            if (i + 1 < format.Length && format[i + 1] == c)
            {
                result.Append(c);
                i++;
                continue;
            }

            if (c == '}')
            {
                throw Err.Value("Single '}' encountered in format string");
            }

            var start = i + 1;
            var level = 1;
            var bracket = false;
            while (++i < format.Length)
            {
                bracket = (bracket && format[i] != ']') || (level == 1 && format[i] == '[');
                level += bracket ? 0 : format[i] == '{' ? 1 : format[i] == '}' ? -1 : 0;
                if (level == 0)
                {
                    break;
                }
            }

            if (level > 0)
            {
                throw Err.Value(
                    start >= format.Length
                        ? "Single '{' encountered in format string"
                        : "expected '}' before end of string");
            }

            var part = Field(vm, format[start..i], args, ref automatic, depth);
            vm.AllocateText(part.Length);
            result.Append(part);
        }

        return vm.Text(result.ToString());
    }

    private static string Field(Vm vm, string field, Args args, ref int automatic, int depth)
    {
        var spec = "";
        var cut = Cut(field);
        var name = field;
        var conversion = '\0';
        if (cut >= 0)
        {
            name = field[..cut];
            var rest = field[cut..];
            if (rest[0] == '!')
            {
                if (rest.Length < 2 || (rest.Length > 2 && rest[2] != ':'))
                {
                    throw Err.Value("expected ':' after conversion specifier");
                }

                conversion = rest[1];
                rest = rest[2..];
            }

            spec = rest.Length > 0 ? rest[1..] : "";
        }

        var value = Lookup(vm, name, args, ref automatic);
        value = conversion switch
        {
            '\0' => value,
            'r' => Show.Repr(vm, value),
            's' => Show.Str(vm, value),
            _ => throw Err.Value($"Unknown conversion specifier {conversion}"),
        };
        if (spec.Contains('{', StringComparison.Ordinal) || spec.Contains('}', StringComparison.Ordinal))
        {
            spec = Expand(vm, spec, args, ref automatic, depth - 1);
        }

        return Formats.Apply(vm, value, spec);
    }

    private static int Cut(string field)
    {
        var bracket = false;
        for (var i = 0; i < field.Length; i++)
        {
            bracket = (bracket && field[i] != ']') || field[i] == '[';
            if (!bracket && field[i] is '!' or ':')
            {
                return i;
            }
        }

        return -1;
    }

    private static object Lookup(Vm vm, string name, Args args, ref int automatic)
    {
        var end = name.AsSpan().IndexOfAny('.', '[');
        var first = end < 0 ? name : name[..end];
        object value;
        if (first.Length == 0 || int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out _))
        {
            if (first.Length == 0 ? automatic < 0 : automatic > 0)
            {
                throw Err.Value(
                    first.Length == 0
                        ? "cannot switch from manual field specification to automatic field numbering"
                        : "cannot switch from automatic field numbering to manual field specification");
            }

            var index = first.Length == 0
                ? automatic++
                : int.Parse(first, NumberStyles.None, CultureInfo.InvariantCulture);
            automatic = first.Length == 0 ? automatic : -1;
            value = args.At(index) ?? throw Err.Index(
                FormattableString.Invariant($"Replacement index {index} out of range for positional args tuple"));
        }
        else
        {
            value = args.Named(first) ?? throw Err.Key(first);
        }

        while (end >= 0 && end < name.Length)
        {
            var start = end + 1;
            if (name[end] == '.')
            {
                var stop = name.AsSpan(start).IndexOfAny('.', '[');
                end = stop < 0 ? name.Length : start + stop;
                value = start == end
                    ? throw Err.Value("Empty attribute in format string")
                    : Ops.GetAttribute(vm, value, name[start..end]);
            }
            else if (name[end] == '[')
            {
                var stop = name.IndexOf(']', start);
                if (stop <= start)
                {
                    throw Err.Value("Missing ']' in format string");
                }

                var key = name[start..stop];
                value = Ops.GetItem(
                    vm,
                    value,
                    long.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
                        ? Ints.Box(index)
                        : key);
                end = stop + 1;
            }
            else
            {
                throw Err.Value("Only '.' or '[' may follow ']' in format field specifier");
            }
        }

        return value;
    }
}
