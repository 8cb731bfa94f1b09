namespace Reft.Text.Patterns;

/// <summary>The white-space alternatives that the known patterns end with. Every white-space character is one unit.</summary>
internal static class WhiteSpace
{
    /// <summary><c>\s+(?!\S)|\s+</c>: a run leaves its last character to the word that follows, unless it is alone.</summary>
    public static int End(ReadOnlySpan<char> text, int position)
    {
        var end = CharacterClasses.RunEnd(text, position, CharacterClass.Space);
        return end == text.Length || end - position == 1 ? end : end - 1;
    }

    /// <summary><c>\s*[\r\n]+|\s+(?!\S)|\s+</c></summary>
    public static int EndThroughNewLines(ReadOnlySpan<char> text, int position)
    {
        var end = CharacterClasses.RunEnd(text, position, CharacterClass.Space);
        var lastNewLine = text[position..end].LastIndexOfAny('\r', '\n');
        return lastNewLine >= 0 ? position + lastNewLine + 1 : End(text, position);
    }

    /// <summary><c>[\r\n]*</c></summary>
    public static int SkipNewLines(ReadOnlySpan<char> text, int position)
    {
        while (position < text.Length && text[position] is '\r' or '\n')
        {
            position++;
        }

        return position;
    }
}
