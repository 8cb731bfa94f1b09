namespace Reft.Text.Patterns;

/// <summary>
/// Matches as <see cref="KnownPatterns.Llama3"/> and <see cref="KnownPatterns.Qwen2"/> do; they differ in how many
/// digits one match takes at most.
/// </summary>
internal sealed class Llama3Scanner(int longestNumber) : IPattern
{
    public void Find(ReadOnlySpan<char> text, List<TextRange> matches)
    {
        var position = 0;
        while (position < text.Length)
        {
            var end = End(text, position);
            matches.Add(new TextRange(position, end - position));
            position = end;
        }
    }

    private int End(ReadOnlySpan<char> text, int position)
    {
        var unit = text[position];
        if (unit == '\'' && Contraction.Length(text[position..], ignoresCase: true) is > 0 and var contraction)
        {
            return position + contraction;
        }

        var kind = CharacterClasses.At(text, position, out var length);
        if (kind == CharacterClass.Letter)
        {
            return CharacterClasses.RunEnd(text, position, CharacterClass.Letter);
        }

        if (kind == CharacterClass.Number)
        {
            return NumberEnd(text, position);
        }

        var next = position + length;
        var following = next < text.Length ? CharacterClasses.At(text, next, out _) : CharacterClass.Space;
        if (following == CharacterClass.Letter && unit is not ('\r' or '\n'))
        {
            return CharacterClasses.RunEnd(text, next, CharacterClass.Letter);
        }

        if (kind == CharacterClass.Other || (unit == ' ' && following == CharacterClass.Other))
        {
            var end = CharacterClasses.RunEnd(text, kind == CharacterClass.Other ? position : next, CharacterClass.Other);
            return WhiteSpace.SkipNewLines(text, end);
        }

        return WhiteSpace.EndThroughNewLines(text, position);
    }

    private int NumberEnd(ReadOnlySpan<char> text, int position)
    {
        for (var count = 0; count < longestNumber && position < text.Length; count++)
        {
            if (CharacterClasses.At(text, position, out var length) != CharacterClass.Number)
            {
                break;
            }

            position += length;
        }

        return position;
    }
}
