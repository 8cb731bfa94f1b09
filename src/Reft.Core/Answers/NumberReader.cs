using Reft.Answers.Grammar;

namespace Reft.Answers;

/// <summary>Reads texts that are numbers, under the exact policy.</summary>
internal static class NumberReader
{
    /// <summary>Whether the whole text is one number in any of the accepted forms.</summary>
    public static bool TryParse(string text, out Rational value)
    {
        if (TryPlain(text.AsSpan().Trim(), out value))
        {
            return true;
        }

        var number = AnswerGrammar.Read(text, AnswerPlace.Alone, out _) as NumberAnswer;
        value = number?.Value ?? default;
        return number is not null;
    }

    /// <summary>The common case, without the rest: a sign, up to 18 digits, one point inside or at the end.</summary>
    public static bool TryPlain(ReadOnlySpan<char> line, out Rational value)
    {
        value = default;
        var negative = line.Length > 0 && line[0] == '-';
        var i = negative ? 1 : 0;
        if (line.Length - i is 0 or > 18 || !char.IsAsciiDigit(line[i]))
        {
            return false;
        }

        long digits = 0;
        long scale = 0;
        for (; i < line.Length; i++)
        {
            if (char.IsAsciiDigit(line[i]))
            {
                digits = (digits * 10) + (line[i] - '0');
                scale *= 10;
            }
            else if (line[i] == '.' && scale == 0)
            {
                scale = 1;
            }
            else
            {
                return false;
            }
        }

        value = new Rational(negative ? -digits : digits, Math.Max(scale, 1));
        return true;
    }
}
