using Reft.Answers.Grammar;

namespace Reft.Answers;

/// <summary>
/// Finds the answer that a chain of thought in words ends in. The whole text is searched, and the last mark that is
/// an answer wins.
/// </summary>
/// <param name="policy">How answers are read.</param>
/// <param name="style"><see cref="AnswerStyle.Number"/> or <see cref="AnswerStyle.Choice"/>.</param>
public sealed class AnswerExtractor(AnswerPolicy policy, AnswerStyle style)
{
    private readonly AnswerKinds _kinds = AnswerKinds.Default;

    /// <summary>Under the exact policy: where no mark is found, read the last sentence all the same.</summary>
    public bool Anywhere { get; init; }

    /// <summary>The option letters that there are, in lower case.</summary>
    public string Options { get; init; } = OptionLetters.Default;

    /// <summary>Under the exact policy and style number: the types of answers there are; empty for all but text.</summary>
    public IReadOnlyList<AnswerKind> Kinds
    {
        get;
        init
        {
            field = value;
            _kinds = new AnswerKinds(value);
        }
    } = [];

    private AnswerFinder Exact => field ??= new AnswerFinder(style, Options, _kinds);

    /// <summary>Reads the answer of a completion.</summary>
    public Reading Read(string completion)
    {
        ArgumentNullException.ThrowIfNull(completion);
        return policy == AnswerPolicy.Paper ? ReadPaper(completion) : Exact.Read(completion, Anywhere);
    }

    /// <summary>Reads a known answer, as the data writes it.</summary>
    public Reading ReadGold(string answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return (policy, style) switch
        {
            (AnswerPolicy.Paper, AnswerStyle.Choice) => PaperChoice(answer.Replace(",", "", StringComparison.Ordinal)),
            (AnswerPolicy.Paper, _) => PaperValue(answer.Replace(",", "", StringComparison.Ordinal)),
            _ => Exact.Alone(answer, AnswerPlace.Gold),
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
}
