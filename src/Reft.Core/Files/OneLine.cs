using System.Text;

namespace Reft.Files;

/// <summary>Makes text that came from a file fit to print inside a one-line message.</summary>
internal static class OneLine
{
    /// <summary>
    /// The text with control characters spelled as \uXXXX, cut after <paramref name="limit"/> characters.
    /// </summary>
    public static string Of(string text, int limit = 1_000)
    {
        var line = new StringBuilder(Math.Min(text.Length, limit));
        foreach (var character in text.Length > limit ? text[..limit] : text)
        {
            if (char.IsControl(character) || char.IsSurrogate(character) || character is '\u2028' or '\u2029')
            {
                line.Append("\\u").Append(((int)character).ToString("X4", null));
            }
            else
            {
                line.Append(character);
            }
        }

        return text.Length > limit ? line.Append('…').ToString() : line.ToString();
    }

    /// <summary>A name in single quotes, cut after 120 characters.</summary>
    public static string Quote(string name) => $"'{Of(name, 120)}'";

    /// <summary>The names in quotes, comma-separated; past <paramref name="limit"/> the rest is counted.</summary>
    public static string List(IReadOnlyCollection<string> names, int limit = 20)
    {
        var shown = string.Join(", ", names.Take(limit).Select(Quote));
        return names.Count > limit ? $"{shown} and {names.Count - limit} more" : shown;
    }
}
