using System.Text;

namespace Reft.Text.Patterns;

/// <summary>Matches each single character that satisfies a condition.</summary>
internal sealed class CharacterPattern(Func<Rune, bool> condition) : IPattern
{
    public void Find(ReadOnlySpan<char> text, List<TextRange> matches)
    {
        var position = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (condition(rune))
            {
                matches.Add(new TextRange(position, rune.Utf16SequenceLength));
            }

            position += rune.Utf16SequenceLength;
        }
    }
}
