namespace Reft.Text.Patterns;

/// <summary>Matches as <see cref="KnownPatterns.Gpt2"/> does.</summary>
internal sealed class Gpt2Scanner : IPattern
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

    private static int End(ReadOnlySpan<char> text, int position)
    {
        if (text[position] == '\'' && Contraction.Length(text[position..], ignoresCase: false) is > 0 and var length)
        {
            return position + length;
        }

        var first = text[position] == ' ' && position + 1 < text.Length ? position + 1 : position;
        var kind = CharacterClasses.At(text, first, out _);
        return kind == CharacterClass.Space
            ? WhiteSpace.End(text, position)
            : CharacterClasses.RunEnd(text, first, kind);
    }
}
