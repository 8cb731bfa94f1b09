namespace Reft.Answers;

/// <summary>
/// Reads the one number that an answer's line says, under the exact policy. It never guesses: no number, two numbers,
/// or
/// a number in doubt (<c>1,23</c>, <c>3-4</c>, <c>2^3</c>, <c>5k</c>) is no answer, and the reason says why.
/// </summary>
internal static class NumberReader
{
    private const int MaxLine = 400;

    /// <summary>Whether the whole text is one number in any of the accepted forms.</summary>
    public static bool TryParse(string text, out Rational value)
    {
        var reading = Read(text, bare: true);
        value = reading.Number ?? default;
        return reading.Number is not null;
    }

    /// <summary>Reads a line.</summary>
    /// <param name="line">The line.</param>
    /// <param name="bare">Whether the line must be nothing but the answer: no words before the number but such as
    /// "the answer is", and at most three, its unit, after it.</param>
    public static Reading Read(ReadOnlySpan<char> line, bool bare)
    {
        line = line.Trim();
        if (TryPlain(line, out var plain))
        {
            return Reading.Of(plain);
        }

        if (line.IsEmpty)
        {
            return Reading.None("no answer: the text is empty");
        }

        if (line.Length > MaxLine)
        {
            return Reading.None($"the answer's line is longer than {MaxLine} characters");
        }

        Span<char> target = stackalloc char[(line.Length * AnswerCleaner.Growth) + 4];
        ReadOnlySpan<char> clean = target[..AnswerCleaner.Clean(line, target)];
        if (clean.Contains('?'))
        {
            return Reading.None("a question, not an answer");
        }

        var equals = clean.LastIndexOf('=');
        if (equals >= 0 && !clean[(equals + 1)..].Trim(' ').IsEmpty)
        {
            // What follows an equality must be its value and nothing else: an equation in a sentence says no answer.
            clean = clean[(equals + 1)..];
            bare = true;
        }

        return clean.Contains(AnswerCleaner.Unreadable)
            ? Reading.None("a sign or a command that no plain number contains")
            : new NumberScanner(clean, bare).Read();
    }

    /// <summary>The common case, without the rest: a sign, up to 18 digits, one point inside or at the end.</summary>
    private static bool TryPlain(ReadOnlySpan<char> line, out Rational value)
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
