namespace Reft.Answers;

/// <summary>Shortens a text for a message: one line, at most 60 characters.</summary>
internal static class Excerpt
{
    private const int Length = 60;

    public static string Of(ReadOnlySpan<char> text)
    {
        var shortened = text.Length > Length ? $"{text[..Length]}..." : text.ToString();
        return shortened.ReplaceLineEndings("\\n");
    }
}
