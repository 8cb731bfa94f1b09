namespace Reft.Text.Patterns;

/// <summary>The English contractions <c>'s 't 're 've 'm 'll 'd</c>.</summary>
internal static class Contraction
{
    /// <summary>The long s, which case folding takes for an s.</summary>
    private const char LongS = '\u017F';

    /// <summary>The length of the contraction at the start of the text, which is an apostrophe; 0 when there is none.</summary>
    public static int Length(ReadOnlySpan<char> text, bool ignoresCase)
    {
        if (text.Length < 2)
        {
            return 0;
        }

        var first = Fold(text[1], ignoresCase);
        if (first is 's' or 't' or 'm' or 'd')
        {
            return 2;
        }

        var second = text.Length > 2 ? Fold(text[2], ignoresCase) : '\0';
        return (first, second) is ('r', 'e') or ('v', 'e') or ('l', 'l') ? 3 : 0;
    }

    private static char Fold(char unit, bool ignoresCase)
    {
        if (!ignoresCase)
        {
            return unit;
        }

        return unit == LongS ? 's' : char.IsAsciiLetterUpper(unit) ? (char)(unit | 0x20) : unit;
    }
}
