namespace Reft.Answers;

/// <summary>
/// Finds the answer that a chain of thought in words ends in. The whole text is searched, and the last mark wins. Every
/// reader scans forward once or twice: there is nothing that backtracks.
/// </summary>
/// <param name="policy">How answers are read.</param>
/// <param name="style"><see cref="AnswerStyle.Number"/> or <see cref="AnswerStyle.Choice"/>.</param>
public sealed class AnswerExtractor(AnswerPolicy policy, AnswerStyle style)
{
    private const string Mark = "Therefore, the answer is:";
    private const string HashMark = "####";
    private const string BoxMark = "\\boxed{";

    /// <summary>Under the exact policy: where no mark is found, read the last sentence all the same.</summary>
    public bool Anywhere { get; init; }

    /// <summary>The option letters that there are, in lower case.</summary>
    public string Options { get; init; } = OptionLetters.Default;

    /// <summary>Reads the answer of a completion.</summary>
    public Reading Read(string completion)
    {
        ArgumentNullException.ThrowIfNull(completion);
        return policy == AnswerPolicy.Paper ? ReadPaper(completion) : ReadExact(completion);
    }

    /// <summary>Reads a known answer, as the data writes it.</summary>
    public Reading ReadGold(string answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return (policy, style) switch
        {
            (AnswerPolicy.Paper, AnswerStyle.Choice) => PaperChoice(answer.Replace(",", "", StringComparison.Ordinal)),
            (AnswerPolicy.Paper, _) => PaperValue(answer.Replace(",", "", StringComparison.Ordinal)),
            (_, AnswerStyle.Choice) => ChoiceText.Read(answer.AsSpan().Trim(), Options),
            _ => NumberReader.Read(answer, bare: true),
        };
    }

    private Reading ReadPaper(string completion)
    {
        var answer = PaperNumber.Strip(PaperText.AfterLast(PaperText.Response(completion), AnswerFormat.AnswerTrigger));
        return style == AnswerStyle.Choice ? PaperChoice(answer) : PaperValue(answer);
    }

    private static Reading PaperValue(ReadOnlySpan<char> text) => PaperNumber.TryParse(text, out var value)
        ? new Reading(PaperNumber.Write(value), "") { FloatValue = value }
        : Reading.None($"Python's float() refuses '{Excerpt.Of(text)}'");

    /// <summary>The official program takes any text for a letter; it is never without an answer.</summary>
    internal static Reading PaperChoice(ReadOnlySpan<char> text) => new(
        PaperNumber.Strip(text.ToString().ToLowerInvariant()
            .Replace("\"", "", StringComparison.Ordinal).Replace("'", "", StringComparison.Ordinal)).ToString(),
        "");

    private Reading ReadExact(ReadOnlySpan<char> completion)
    {
        var trigger = LastAtLineStart(completion, Mark);
        var hash = LastAtLineStart(completion, HashMark);
        var box = completion.LastIndexOf(BoxMark, StringComparison.Ordinal);
        if (box > trigger && box > hash)
        {
            return Value(Box(completion, box), bare: false);
        }

        if (trigger >= 0 || hash >= 0)
        {
            var from = trigger > hash ? trigger + Mark.Length : hash + HashMark.Length;
            return Value(FirstLine(completion[from..].TrimStart()), bare: false);
        }

        var whole = completion.Trim();
        if (!whole.Contains('\n'))
        {
            var reading = Value(whole, bare: true);
            if (reading.Text is not null || !Anywhere)
            {
                return reading.Text is null && whole.Length > 0
                    ? Reading.None($"no answer trigger, and the text is not an answer by itself: {reading.Reason}")
                    : reading;
            }
        }

        return Anywhere && whole.Length > 0
            ? Value(LastSentence(whole), bare: false)
            : Reading.None("no answer trigger");
    }

    private Reading Value(ReadOnlySpan<char> line, bool bare) =>
        style == AnswerStyle.Choice ? ChoiceText.Read(line, Options) : NumberReader.Read(line, bare);

    private static int LastAtLineStart(ReadOnlySpan<char> text, string mark)
    {
        var end = text.Length;
        while (end > 0)
        {
            var at = text[..end].LastIndexOf(mark, StringComparison.Ordinal);
            if (at < 0)
            {
                return -1;
            }

            var line = text[..at].TrimEnd(" \t*#");
            if (line.IsEmpty || line[^1] == '\n')
            {
                return at;
            }

            end = at;
        }

        return -1;
    }

    private static ReadOnlySpan<char> FirstLine(ReadOnlySpan<char> text)
    {
        var end = text.IndexOfAny('\n', '\r');
        return end < 0 ? text : text[..end].TrimEnd();
    }

    /// <summary>What the braces of a box hold, with a minus sign that stands before the box.</summary>
    private static ReadOnlySpan<char> Box(ReadOnlySpan<char> text, int box)
    {
        var depth = 1;
        var i = box + BoxMark.Length;
        for (; i < text.Length && depth > 0; i++)
        {
            depth += text[i] == '{' ? 1 : text[i] == '}' ? -1 : 0;
        }

        var start = box > 0 && text[box - 1] == '-' ? box - 1 : box;
        return depth == 0 ? text[start..i] : [];
    }

    private static ReadOnlySpan<char> LastSentence(ReadOnlySpan<char> text)
    {
        var line = text[(text.LastIndexOf('\n') + 1)..].Trim();
        for (var i = line.Length - 2; i > 0; i--)
        {
            if (line[i] is '.' or '!' or '?' && line[i + 1] == ' ')
            {
                return line[(i + 2)..];
            }
        }

        return line;
    }
}
