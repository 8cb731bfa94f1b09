using System.Globalization;
using System.Numerics;
using System.Text;
using Reft.Python.Runtime;

namespace Reft.Python.Library;

/// <summary>Numbers written as text, by the grammars of Python's <c>int()</c> and <c>float()</c>.</summary>
internal static class NumberText
{
    /// <summary>What <c>float(text)</c> gives, or null where it raises ValueError.</summary>
    public static double? ToFloat(string text)
    {
        var body = Texts.Strip(text);
        if (body.Length == 0)
        {
            return null;
        }

        var unsigned = body[0] is '+' or '-' ? body[1..] : body;
        var word = unsigned.ToLowerInvariant();
        if (word is "nan" or "inf" or "infinity")
        {
            return word == "nan"
                ? (body[0] == '-' ? -Floats.NotANumber : Floats.NotANumber)
                : body[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
        }

        var clean = WithoutUnderscores(unsigned);
        if (clean is null || !IsDecimal(clean))
        {
            return null;
        }

        var value = double.Parse(clean, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture);
        return body[0] == '-' ? -value : value;
    }

    /// <summary>What <c>int(text, base)</c> gives, or null where it raises ValueError.</summary>
    public static BigInteger? ToInt(Vm vm, string text, int radix)
    {
        var body = Texts.Strip(text);
        var negative = body.StartsWith('-');
        if (body.Length > 0 && body[0] is '+' or '-')
        {
            body = body[1..];
        }

        if (body.Length > 2 && body[0] == '0' && !char.IsAsciiDigit(body[1]))
        {
            var named = char.ToLowerInvariant(body[1]) switch { 'x' => 16, 'o' => 8, 'b' => 2, _ => 0 };
            if (named != 0 && (radix == named || radix == 0))
            {
                radix = named;
                body = body[2] == '_' ? body[3..] : body[2..];
            }
        }

        if (radix == 0)
        {
            if (body.Length > 1 && body[0] == '0' && body.AsSpan().IndexOfAnyExcept('0', '_') >= 0)
            {
                return null;
            }

            radix = 10;
        }

        var clean = WithoutUnderscores(body, anyDigit: true);
        if (string.IsNullOrEmpty(clean))
        {
            return null;
        }

        return Digits(vm, clean, radix) is { } value ? (negative ? -value : value) : null;
    }

    private static BigInteger? Digits(Vm vm, string digits, int radix)
    {
        foreach (var c in digits)
        {
            var digit = char.IsAsciiDigit(c)
                ? c - '0'
                : char.IsAsciiLetter(c) ? char.ToLowerInvariant(c) - 'a' + 10 : 99;
            if (digit >= radix)
            {
                if (c > 127 && char.IsDigit(c))
                {
                    throw new UnsupportedException("digits that are not ASCII");
                }

                return null;
            }
        }

        if (digits.Length > 4300 && !BitOperations.IsPow2(radix))
        {
            throw Err.Value(FormattableString.Invariant(
                $"Exceeds the limit (4300 digits) for integer string conversion: value has {digits.Length} digits; use sys.set_int_max_str_digits() to increase the limit"));
        }

        vm.CheckBits(digits.TrimStart('0').Length * Math.Log2(radix) - 5);
        vm.Charge((long)digits.Length * digits.Length / 2000);
        if (radix == 10)
        {
            return BigInteger.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
        }

        var value = BigInteger.Zero;
        foreach (var c in digits)
        {
            value = (value * radix) + (char.IsAsciiDigit(c) ? c - '0' : char.ToLowerInvariant(c) - 'a' + 10);
        }

        return value;
    }

    /// <summary>The text without single underscores between digits; null when one stands elsewhere.</summary>
    public static string? WithoutUnderscores(string text, bool anyDigit = false)
    {
        if (!text.Contains('_', StringComparison.Ordinal))
        {
            return text;
        }

        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '_')
            {
                result.Append(text[i]);
                continue;
            }

            if (i == 0 || i + 1 == text.Length || !IsDigit(text[i - 1], anyDigit) || !IsDigit(text[i + 1], anyDigit))
            {
                return null;
            }
        }

        return result.ToString();
    }

    private static bool IsDigit(char c, bool any) => any ? char.IsAsciiLetterOrDigit(c) : char.IsAsciiDigit(c);

    private static bool IsDecimal(string text)
    {
        var i = 0;
        var digits = 0;
        while (i < text.Length && char.IsAsciiDigit(text[i]))
        {
            i++;
            digits++;
        }

        if (i < text.Length && text[i] == '.')
        {
            i++;
            while (i < text.Length && char.IsAsciiDigit(text[i]))
            {
                i++;
                digits++;
            }
        }

        if (digits == 0)
        {
            return false;
        }

        if (i < text.Length && text[i] is 'e' or 'E')
        {
            i++;
            if (i < text.Length && text[i] is '+' or '-')
            {
                i++;
            }

            var start = i;
            while (i < text.Length && char.IsAsciiDigit(text[i]))
            {
                i++;
            }

            if (i == start)
            {
                return false;
            }
        }

        return i == text.Length;
    }
}
