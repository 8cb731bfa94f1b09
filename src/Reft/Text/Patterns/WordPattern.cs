using System.Text;

namespace Reft.Text.Patterns;

/// <summary>Matches <c>\w+|[^\w\s]+</c>: runs of word characters, and runs of what is neither word nor white space.</summary>
internal sealed class WordPattern : IPattern
{
    private enum Kind
    {
        Space,
        Word,
        Symbol,
    }

    public void Find(ReadOnlySpan<char> text, List<TextRange> matches)
    {
        var start = 0;
        var position = 0;
        var current = Kind.Space;
        foreach (var rune in text.EnumerateRunes())
        {
            var kind = Rune.IsWhiteSpace(rune) ? Kind.Space
                : CharacterClasses.IsWord(rune) ? Kind.Word : Kind.Symbol;
            if (kind != current)
            {
                AddMatch(matches, current, start, position);
                (start, current) = (position, kind);
            }

            position += rune.Utf16SequenceLength;
        }

        AddMatch(matches, current, start, position);
    }

    private static void AddMatch(List<TextRange> matches, Kind kind, int start, int end)
    {
        if (kind != Kind.Space && end > start)
        {
            matches.Add(new TextRange(start, end - start));
        }
    }
}
