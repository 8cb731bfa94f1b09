using System.Globalization;
using System.Numerics;
using System.Text;

namespace Reft.Python.Runtime;

/// <summary>The texts of values: <c>repr</c> and <c>str</c>.</summary>
internal static class Show
{
    private const int MaxDigits = 4300;

    public static string Str(Vm vm, object value) => value switch
    {
        string text => text,
        PyObject other => Nested(vm, other),
        _ => Repr(vm, value),
    };

    private static string Nested(Vm vm, PyObject value)
    {
        vm.Enter(" while getting the str of an object");
        var shown = value.Str(vm);
        vm.Leave();
        return shown;
    }

    public static string Repr(Vm vm, object value)
    {
        switch (value)
        {
            case string text:
                vm.AllocateText(text.Length);
                return vm.Text(Quote(text));
            case long number:
                return number.ToString(CultureInfo.InvariantCulture);
            case bool truth:
                return truth ? "True" : "False";
            case double real:
                return Floats.Repr(real);
            case BigInteger big:
                return Integer(vm, big);
            default:
                vm.Enter(" while getting the repr of an object");
                var shown = ((PyObject)value).Repr(vm);
                vm.Leave();
                return shown;
        }
    }

    /// <summary>Decimal digits of an integer, within CPython's limit for such texts.</summary>
    public static string Integer(Vm vm, BigInteger value)
    {
        var bits = value.GetBitLength();
        Ints.ChargeProduct(vm, bits, bits);
        // 10^4300 has 14285 bits.
        if (bits > 14280 && BigInteger.Abs(value) >= BigInteger.Pow(10, MaxDigits))
        {
            throw Err.Value(
                "Exceeds the limit (4300 digits) for integer string conversion; "
                + "use sys.set_int_max_str_digits() to increase the limit");
        }

        return vm.Text(value.ToString(CultureInfo.InvariantCulture));
    }

    public static string Sequence(Vm vm, object owner, string open, IReadOnlyList<object> items, string close)
    {
        if (vm.Showing.Exists(shown => ReferenceEquals(shown, owner)))
        {
            return open[..^0] + (owner is PyTuple ? "...)" : "..." + close);
        }

        vm.Charge(vm.Showing.Count);
        vm.Showing.Add(owner);
        try
        {
            var text = new StringBuilder(open);
            for (var i = 0; i < items.Count; i++)
            {
                vm.Tick();
                if (i > 0)
                {
                    text.Append(", ");
                }

                Append(vm, text, items[i]);
            }

            return text.Append(close).ToString();
        }
        finally
        {
            vm.Showing.RemoveAt(vm.Showing.Count - 1);
        }
    }

    public static string Dictionary(Vm vm, PyDict dict)
    {
        if (vm.Showing.Exists(shown => ReferenceEquals(shown, dict)))
        {
            return "{...}";
        }

        vm.Charge(vm.Showing.Count);
        vm.Showing.Add(dict);
        try
        {
            var text = new StringBuilder("{");
            foreach (var (key, value) in dict.Pairs(vm))
            {
                vm.Tick();
                if (text.Length > 1)
                {
                    text.Append(", ");
                }

                Append(vm, text, key);
                text.Append(": ");
                Append(vm, text, value);
            }

            return text.Append('}').ToString();
        }
        finally
        {
            vm.Showing.RemoveAt(vm.Showing.Count - 1);
        }
    }

    public static string Quote(string text)
    {
        var quote = text.Contains('\'', StringComparison.Ordinal) && !text.Contains('"', StringComparison.Ordinal)
            ? '"'
            : '\'';
        var result = new StringBuilder(text.Length + 2).Append(quote);
        foreach (var rune in text.EnumerateRunes())
        {
            switch (rune.Value)
            {
                case '\n':
                    result.Append("\\n");
                    break;
                case '\r':
                    result.Append("\\r");
                    break;
                case '\t':
                    result.Append("\\t");
                    break;
                case '\\':
                    result.Append("\\\\");
                    break;
                case var c when c == quote:
                    result.Append('\\').Append(quote);
                    break;
                case var c when c is < 32 or 127:
                    result.Append(CultureInfo.InvariantCulture, $"\\x{c:x2}");
                    break;
                case < 127:
                    result.Append((char)rune.Value);
                    break;
                default:
                    if (IsPrintable(rune))
                    {
                        result.Append(rune.ToString());
                    }
                    else if (rune.Value < 256)
                    {
                        result.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}");
                    }
                    else if (rune.IsBmp)
                    {
                        result.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
                    }
                    else
                    {
                        result.Append(CultureInfo.InvariantCulture, $"\\U{rune.Value:x8}");
                    }

                    break;
            }
        }

        return result.Append(quote).ToString();
    }

    private static bool IsPrintable(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
        or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator
        or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator);

    private static void Append(Vm vm, StringBuilder text, object item)
    {
        var part = Repr(vm, item);
        vm.AllocateText(part.Length);
        text.Append(part);
    }
}
