namespace Reft.Answers;

/// <summary>How the official program cuts what a model wrote, before it looks for an answer or runs a program.</summary>
internal static class PaperText
{
    /// <summary>
    /// The response that counts: what follows the last solution trigger, without space round it. Where a model went on into
    /// another prompt of its own, that is the response to it.
    /// </summary>
    public static ReadOnlySpan<char> Response(ReadOnlySpan<char> text) =>
        PaperNumber.Strip(AfterLast(text, AnswerFormat.SolutionTrigger));

    /// <summary>What follows the last of the separators that Python's <c>split</c> finds, left to right.</summary>
    public static ReadOnlySpan<char> AfterLast(ReadOnlySpan<char> text, string separator)
    {
        while (text.IndexOf(separator, StringComparison.Ordinal) is >= 0 and var at)
        {
            text = text[(at + separator.Length)..];
        }

        return text;
    }
}
