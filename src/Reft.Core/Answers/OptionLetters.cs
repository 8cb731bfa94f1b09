namespace Reft.Answers;

/// <summary>Tells the problems whose known answer is an option's letter, in words or in programs.</summary>
internal static class OptionLetters
{
    /// <summary>The option letters where none are named.</summary>
    public const string Default = "abcde";

    /// <summary>
    /// Whether a problem is multiple choice: all problems of style <see cref="AnswerStyle.Choice"/>, and those of style
    /// <see cref="AnswerStyle.Program"/> whose known answer is one of the letters a to e.
    /// </summary>
    /// <param name="style">What answers are.</param>
    /// <param name="answer">The known answer, as the data writes it.</param>
    public static bool Answer(AnswerStyle style, string answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return style == AnswerStyle.Choice || (style == AnswerStyle.Program && Is(answer));
    }

    /// <summary>Whether a text is one option letter, in either case, with or without space round it.</summary>
    public static bool Is(string text) => text.AsSpan().Trim() is [var letter]
        && Default.Contains(char.ToLowerInvariant(letter), StringComparison.Ordinal);
}
