using System.Collections;
using System.Text;

namespace Reft.Text.Patterns;

/// <summary>Matches each single character that satisfies a condition.</summary>
internal sealed class CharacterPattern : IPattern
{
    private readonly Func<Rune, bool> _condition;

    /// <summary>The condition's answer for each character of one UTF-16 unit.</summary>
    private readonly BitArray _units = new(char.MaxValue + 1);

    public CharacterPattern(Func<Rune, bool> condition)
    {
        _condition = condition;
        for (var unit = 0; unit <= char.MaxValue; unit++)
        {
            _units[unit] = !char.IsSurrogate((char)unit) && condition(new Rune((char)unit));
        }
    }

    public void Find(ReadOnlySpan<char> text, List<TextRange> matches)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (_units[text[i]])
            {
                matches.Add(new TextRange(i, 1));
            }
            else if (char.IsHighSurrogate(text[i]) && _condition(new Rune(text[i], text[i + 1])))
            {
                matches.Add(new TextRange(i++, 2));
            }
        }
    }
}
