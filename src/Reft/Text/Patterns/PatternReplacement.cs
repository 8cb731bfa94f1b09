using System.Text;

namespace Reft.Text.Patterns;

/// <summary>Replaces each match of a pattern with fixed text.</summary>
internal static class PatternReplacement
{
    public static string Apply(IPattern pattern, string text, string content)
    {
        var matches = new List<TextRange>();
        pattern.Find(text, matches);
        if (matches.Count == 0)
        {
            return text;
        }

        var builder = new StringBuilder(text.Length + (matches.Count * content.Length));
        var position = 0;
        foreach (var match in matches)
        {
            builder.Append(text, position, match.Start - position).Append(content);
            position = match.End;
        }

        return builder.Append(text, position, text.Length - position).ToString();
    }
}
