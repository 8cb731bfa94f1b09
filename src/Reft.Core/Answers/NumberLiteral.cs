using System.Globalization;
using System.Numerics;

namespace Reft.Answers;

/// <summary>
/// Reads one number from where it begins: digits with thousands, decimals, an exponent, a fraction, a mixed number, a
/// power
/// of ten, a unit glued to it, a scale such as "million". What makes it doubtful is a doubt, not a guess.
/// </summary>
internal ref struct NumberLiteral(ReadOnlySpan<char> line, int start)
{
    private const int MaxDigits = 400;

    private readonly ReadOnlySpan<char> _line = line;
    private int _at = start;
    private string? _doubt;

    /// <summary>Where the number ends.</summary>
    public readonly int End => _at;

    /// <summary>Why the number cannot be told for sure; null where it can.</summary>
    public readonly string? Doubt => _doubt;

    /// <summary>The number, or null where there is a doubt.</summary>
    public Rational? Read()
    {
        var value = Decimal(out var isWhole);
        if (value is null)
        {
            return null;
        }

        if (isWhole && TryDenominator() is { } denominator)
        {
            value = Over(value.Value, denominator);
        }
        else if (isWhole && TryFraction() is { } fraction)
        {
            value += fraction;
        }
        else if (TryPowerOfTen() is { } power)
        {
            value *= power;
        }

        return _doubt is null && value is { } number && IsEnd() ? number * Scale() : null;
    }

    private Rational? Decimal(out bool isWhole)
    {
        Span<char> digits = stackalloc char[MaxDigits + 1];
        var count = 0;
        var start = _at;
        isWhole = true;
        Whole(digits, ref count, start);
        var places = 0;
        if (_doubt is null && At(_at) == '.' && (IsDigit(_at + 1) || _at == start))
        {
            isWhole = false;
            _at++;
            for (; IsDigit(_at); _at++)
            {
                places++;
                Keep(digits, ref count);
            }
        }

        var exponent = -places;
        if (At(_at) is 'e' or 'E' && IsDigit(_at + (At(_at + 1) is '+' or '-' ? 2 : 1)))
        {
            isWhole = false;
            _at++;
            exponent += Exponent();
        }

        if (_doubt is not null)
        {
            return null;
        }

        var mantissa = BigInteger.Parse(digits[..count], NumberStyles.None, CultureInfo.InvariantCulture);
        return exponent >= 0
            ? mantissa * BigInteger.Pow(10, exponent)
            : new Rational(mantissa, BigInteger.Pow(10, -exponent));
    }

    /// <summary>Digits, with thousands parted by commas, thin spaces or underscores.</summary>
    private void Whole(scoped Span<char> digits, ref int count, int start)
    {
        var separator = '\0';
        while (true)
        {
            var group = _at;
            for (; IsDigit(_at); _at++)
            {
                Keep(digits, ref count);
            }

            var size = _at - group;
            var next = At(_at);
            if (separator is ',' or AnswerCleaner.Thin && size != 3)
            {
                _doubt ??= "thousands not in groups of three";
            }

            if (_doubt is not null || !(next is ',' or AnswerCleaner.Thin or '_') || !IsDigit(_at + 1))
            {
                return;
            }

            var first = separator == '\0';
            if (next == AnswerCleaner.Thin
                && !(IsDigit(_at + 2) && IsDigit(_at + 3) && !IsDigit(_at + 4) && At(_at + 4) != '/'))
            {
                return;
            }

            if ((!first && next != separator) || (next != '_' && first && (size > 3 || _line[start] == '0')))
            {
                _doubt = "thousands not in groups of three";
                return;
            }

            separator = next;
            _at++;
        }
    }

    private void Keep(scoped Span<char> digits, ref int count)
    {
        if (count == MaxDigits)
        {
            _doubt = $"a number of more than {MaxDigits} digits";
            return;
        }

        digits[count++] = _line[_at];
    }

    private int Exponent()
    {
        var negative = At(_at) == '-';
        _at += At(_at) is '+' or '-' ? 1 : 0;
        var exponent = 0;
        for (; IsDigit(_at); _at++)
        {
            exponent = Math.Min((exponent * 10) + (_line[_at] - '0'), 10 * MaxDigits);
        }

        if (exponent > MaxDigits)
        {
            _doubt = $"an exponent beyond {MaxDigits}";
            return 0;
        }

        return negative ? -exponent : exponent;
    }

    private BigInteger? TryDenominator()
    {
        var i = SkipSpaces(_at);
        if (At(i) is not ('/' or AnswerCleaner.Slash))
        {
            return null;
        }

        i = SkipSpaces(i + 1);
        if (!IsDigit(i))
        {
            _doubt = At(i) is '-' or '.' or '(' ? "a fraction that is not of two whole numbers" : _doubt;
            return null;
        }

        _at = i;
        return Digits();
    }

    /// <summary>The fraction of a mixed number: a space, then a proper fraction.</summary>
    private Rational? TryFraction()
    {
        var start = _at;
        var i = SkipSpaces(_at);
        if (i > start && IsDigit(i))
        {
            _at = i;
            var numerator = Digits();
            if (TryDenominator() is { } denominator && numerator < denominator)
            {
                return Over(numerator, denominator);
            }
        }

        _at = start;
        return null;
    }

    private Rational? TryPowerOfTen()
    {
        var i = SkipSpaces(_at);
        if (At(i) is not ('×' or 'x' or 'X'))
        {
            return null;
        }

        i = SkipSpaces(i + 1);
        if (At(i) != '1' || At(i + 1) != '0' || At(i + 2) != '^' || !IsDigit(i + (At(i + 3) is '+' or '-' ? 4 : 3)))
        {
            return null;
        }

        _at = i + 3;
        var exponent = Exponent();
        var power = BigInteger.Pow(10, Math.Abs(exponent));
        return exponent < 0 ? new Rational(1, power) : power;
    }

    /// <summary>Whether the number ends here, rather than going on in a way that puts it in doubt.</summary>
    private bool IsEnd()
    {
        var next = At(_at);
        if ((next is ',' or '.' or ':' or '-' or '/' or AnswerCleaner.Slash or '_' && IsDigit(_at + 1)) || next == '^')
        {
            _doubt = "a number that goes on as a date, a time, a range, a power or a list";
        }
        else if (char.IsLetter(next))
        {
            _doubt = Unit() ? null : "letters after the number that are no unit";
        }

        return _doubt is null;
    }

    private bool Unit()
    {
        var start = _at;
        while (_at < _line.Length && char.IsLetterOrDigit(_line[_at]))
        {
            _at++;
        }

        var unit = _line[start.._at];
        if (unit.ContainsAnyInRange('0', '9'))
        {
            return unit is "m2" or "m3" or "cm2" or "cm3" or "mm2" or "mm3" or "km2"
                or "ft2" or "ft3" or "in2" or "in3";
        }

        return unit is not ("x" or "y" or "z" or "n" or "k" or "K");
    }

    private Rational Scale()
    {
        var i = SkipSpaces(_at);
        var end = i;
        while (end < _line.Length && char.IsLetter(_line[end]))
        {
            end++;
        }

        var word = _line[i..end];
        Rational scale = Is(word, "hundred") ? 100
            : Is(word, "thousand") ? 1000
            : Is(word, "million") ? 1_000_000
            : Is(word, "billion") ? 1_000_000_000
            : 1;
        _at = scale.Numerator.IsOne ? _at : end;
        return scale;
    }

    private BigInteger Digits()
    {
        var start = _at;
        while (IsDigit(_at))
        {
            _at++;
        }

        if (_at - start > MaxDigits)
        {
            _doubt = $"a number of more than {MaxDigits} digits";
            return BigInteger.One;
        }

        return BigInteger.Parse(_line[start.._at], NumberStyles.None, CultureInfo.InvariantCulture);
    }

    private Rational? Over(Rational numerator, BigInteger denominator)
    {
        if (denominator.IsZero)
        {
            _doubt = "a division by zero";
            return null;
        }

        return numerator / denominator;
    }

    private readonly int SkipSpaces(int i)
    {
        while (At(i) is ' ' or AnswerCleaner.Thin)
        {
            i++;
        }

        return i;
    }

    private readonly char At(int i) => i >= 0 && i < _line.Length ? _line[i] : '\0';

    private readonly bool IsDigit(int i) => char.IsAsciiDigit(At(i));

    private static bool Is(ReadOnlySpan<char> word, string name) =>
        word.Equals(name, StringComparison.OrdinalIgnoreCase);
}
