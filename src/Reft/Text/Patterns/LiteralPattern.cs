namespace Reft.Text.Patterns;

/// <summary>Matches one fixed string.</summary>
internal sealed class LiteralPattern(string literal) : IPattern
{
    public void Find(ReadOnlySpan<char> text, List<TextRange> matches)
    {
        var position = 0;
        while (position <= text.Length - literal.Length)
        {
            var offset = text[position..].IndexOf(literal, StringComparison.Ordinal);
            if (offset < 0)
            {
                return;
            }

            matches.Add(new TextRange(position + offset, literal.Length));
            position += offset + literal.Length;
        }
    }
}
