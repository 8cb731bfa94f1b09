using System.Text.RegularExpressions;

namespace Reft.Text.Patterns;

/// <summary>A .NET regular expression, made to see characters beyond U+FFFF as one character each.</summary>
internal sealed class RegexPattern(string pattern) : IPattern
{
    private readonly Regex _regex = new(pattern, RegexOptions.Compiled | RegexOptions.CultureInvariant);

    public void Find(ReadOnlySpan<char> text, List<TextRange> matches)
    {
        if (text.ContainsAnyInRange('\uD800', '\uDFFF'))
        {
            FindInStandIns(text, matches);
            return;
        }

        foreach (var match in _regex.EnumerateMatches(text))
        {
            matches.Add(new TextRange(match.Index, match.Length));
        }
    }

    private void FindInStandIns(ReadOnlySpan<char> text, List<TextRange> matches)
    {
        var standIns = new char[text.Length];
        var origins = new int[text.Length + 1];
        var count = 0;
        var position = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            standIns[count] = rune.IsBmp ? (char)rune.Value : AstralStandIns.For(rune);
            origins[count++] = position;
            position += rune.Utf16SequenceLength;
        }

        origins[count] = position;
        foreach (var match in _regex.EnumerateMatches(standIns.AsSpan(0, count)))
        {
            var start = origins[match.Index];
            matches.Add(new TextRange(start, origins[match.Index + match.Length] - start));
        }
    }
}
