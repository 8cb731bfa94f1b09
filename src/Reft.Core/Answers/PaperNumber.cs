using System.Globalization;

namespace Reft.Answers;

/// <summary>Python's <c>float(text)</c>: what it accepts, and the value it gives.</summary>
internal static class PaperNumber
{
    private const int OnStack = 512;

    /// <summary>
    /// Parses as CPython does: surrounding white space, a sign, decimal digits of any script with single underscores
    /// between them, a point, an exponent, <c>inf</c>, <c>infinity</c>, <c>nan</c> in any case; nothing else.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, out double value)
    {
        value = 0;
        text = Strip(text);
        if (text.IsEmpty)
        {
            return false;
        }

        Span<char> plain = text.Length <= OnStack ? stackalloc char[OnStack] : new char[text.Length];
        var length = ToAscii(text, plain);
        if (length < 0)
        {
            return false;
        }

        var number = plain[..length];
        return IsDecimal(number)
            ? double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out value)
            : TryName(number, out value);
    }

    /// <summary>Python's <c>str.strip()</c>.</summary>
    public static ReadOnlySpan<char> Strip(ReadOnlySpan<char> text)
    {
        var start = 0;
        while (start < text.Length && IsSpace(text[start]))
        {
            start++;
        }

        var end = text.Length;
        while (end > start && IsSpace(text[end - 1]))
        {
            end--;
        }

        return text[start..end];
    }

    /// <summary>Python's <c>repr</c> of a float.</summary>
    public static string Write(double value)
    {
        if (!double.IsFinite(value))
        {
            return double.IsNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
        }

        var size = Math.Abs(value);
        if (size is 0 or (>= 1e-4 and < 1e16))
        {
            var text = Positional(value);
            return text.Contains('.', StringComparison.Ordinal) ? text : text + ".0";
        }

        var scientific = value.ToString("E16", CultureInfo.InvariantCulture);
        var shortest = ExactText.Of(value);
        var digits = Mantissa(shortest);
        var exponent = int.Parse(scientific[(scientific.IndexOf('E', StringComparison.Ordinal) + 1)..],
            CultureInfo.InvariantCulture);
        return string.Create(
            CultureInfo.InvariantCulture, $"{digits}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}");
    }

    // The separators 0x1C to 0x1F are white space to Python, not to .NET.
    private static bool IsSpace(char c) => char.IsWhiteSpace(c) || c is >= '\u001C' and <= '\u001F';

    /// <summary>
    /// Writes decimal digits of any script as ASCII and drops legal underscores; −1 where one is illegal.
    /// </summary>
    private static int ToAscii(ReadOnlySpan<char> text, Span<char> plain)
    {
        var length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '_')
            {
                if (i == 0 || i + 1 == text.Length || !IsDigit(text[i - 1]) || !IsDigit(text[i + 1]))
                {
                    return -1;
                }

                continue;
            }

            plain[length++] = c < 128 ? c : IsDigit(c) ? (char)('0' + CharUnicodeInfo.GetDecimalDigitValue(c)) : '?';
        }

        return length;
    }

    private static bool IsDigit(char c) => char.IsAsciiDigit(c) || (c >= 128 && char.IsDigit(c));

    private static bool IsDecimal(ReadOnlySpan<char> text)
    {
        var i = text[0] is '+' or '-' ? 1 : 0;
        var whole = Digits(text, ref i);
        var part = 0;
        if (i < text.Length && text[i] == '.')
        {
            i++;
            part = Digits(text, ref i);
        }

        if (whole + part == 0)
        {
            return false;
        }

        if (i < text.Length && text[i] is 'e' or 'E')
        {
            i++;
            i += i < text.Length && text[i] is '+' or '-' ? 1 : 0;
            if (Digits(text, ref i) == 0)
            {
                return false;
            }
        }

        return i == text.Length;
    }

    private static int Digits(ReadOnlySpan<char> text, ref int i)
    {
        var start = i;
        while (i < text.Length && char.IsAsciiDigit(text[i]))
        {
            i++;
        }

        return i - start;
    }

    private static bool TryName(ReadOnlySpan<char> text, out double value)
    {
        var negative = text[0] == '-';
        var name = text[0] is '+' or '-' ? text[1..] : text;
        var infinite = name.Equals("inf", StringComparison.OrdinalIgnoreCase)
            || name.Equals("infinity", StringComparison.OrdinalIgnoreCase);
        value = !infinite ? double.NaN : negative ? double.NegativeInfinity : double.PositiveInfinity;
        return infinite || name.Equals("nan", StringComparison.OrdinalIgnoreCase);
    }

    private static string Positional(double value)
    {
        var shortest = ExactText.Of(value);
        if (!shortest.Contains('E', StringComparison.Ordinal))
        {
            return shortest;
        }

        // .NET writes 1E+15 and 1E-05 where Python still writes every place.
        return decimal.Parse(shortest, NumberStyles.Float, CultureInfo.InvariantCulture)
            .ToString(CultureInfo.InvariantCulture);
    }

    private static string Mantissa(string shortest)
    {
        var e = shortest.IndexOf('E', StringComparison.Ordinal);
        if (e >= 0)
        {
            return shortest[..e];
        }

        var sign = shortest[0] == '-' ? "-" : "";
        var digits = shortest.TrimStart('-').Replace(".", "", StringComparison.Ordinal).Trim('0');
        return digits.Length == 1 ? sign + digits : $"{sign}{digits[0]}.{digits[1..]}";
    }
}
