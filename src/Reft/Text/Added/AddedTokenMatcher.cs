using System.Buffers;
using System.Text;
using Reft.Text.Patterns;

namespace Reft.Text.Added;

/// <summary>A stretch of text: an added token, or (<paramref name="Id"/> is -1) what lies between them.</summary>
internal readonly record struct Segment(int Id, int Start, int Length)
{
    public const int NoToken = -1;

    /// <summary>The segment's part of the text.</summary>
    public string Of(string text) => Length == text.Length ? text : text.Substring(Start, Length);
}

/// <summary>Finds added tokens: the leftmost first, at one place the longest.</summary>
internal sealed class AddedTokenMatcher
{
    private readonly SearchValues<string> _forms;
    private readonly Dictionary<char, AddedToken[]> _byFirst;

    public AddedTokenMatcher(IEnumerable<AddedToken> tokens)
    {
        var findable = tokens.Where(token => token.Form.Length > 0).ToArray();
        IsEmpty = findable.Length == 0;
        _forms = SearchValues.Create([.. findable.Select(token => token.Form)], StringComparison.Ordinal);
        _byFirst = findable.GroupBy(token => token.Form[0]).ToDictionary(
            group => group.Key, group => group.OrderByDescending(token => token.Form.Length).ToArray());
    }

    public bool IsEmpty { get; }

    /// <summary>Adds the segments of the text, which together cover it.</summary>
    public void Find(string text, List<Segment> segments)
    {
        var covered = 0;
        var position = 0;
        while (!IsEmpty && position < text.Length)
        {
            var offset = text.AsSpan(position).IndexOfAny(_forms);
            if (offset < 0)
            {
                break;
            }

            position += offset;
            var token = Longest(text.AsSpan(position));
            var start = position;
            // The search goes on behind the token itself, whatever white space it takes in.
            position += token.Form.Length;
            if (token.IsSingleWord && TouchesWord(text, start, position))
            {
                continue;
            }

            start = token.TakesSpaceBefore ? Math.Max(text.AsSpan(0, start).TrimEnd().Length, covered) : start;
            var end = token.TakesSpaceAfter ? text.Length - text.AsSpan(position).TrimStart().Length : position;
            AddText(segments, covered, start);
            segments.Add(new Segment(token.Id, start, end - start));
            covered = end;
        }

        AddText(segments, covered, text.Length);
    }

    private static void AddText(List<Segment> segments, int start, int end)
    {
        if (end > start)
        {
            segments.Add(new Segment(Segment.NoToken, start, end - start));
        }
    }

    private AddedToken Longest(ReadOnlySpan<char> text)
    {
        foreach (var token in _byFirst[text[0]])
        {
            if (text.StartsWith(token.Form, StringComparison.Ordinal))
            {
                return token;
            }
        }

        throw new InvalidOperationException("An added token was found and then not found.");
    }

    private static bool TouchesWord(string text, int start, int end)
    {
        Rune.DecodeLastFromUtf16(text.AsSpan(0, start), out var before, out _);
        Rune.DecodeFromUtf16(text.AsSpan(end), out var after, out _);
        return (start > 0 && CharacterClasses.IsWord(before)) || (end < text.Length && CharacterClasses.IsWord(after));
    }
}
