namespace Reft.Answers;

/// <summary>Responses that think and answer in turn: <c>&lt;think&gt;…&lt;/think&gt;&lt;answer&gt;…&lt;/answer&gt;</c>, once or more.</summary>
internal static class AnswerSegments
{
    private const string Thinks = "think";
    private const string Answers = "answer";

    /// <summary>One turn.</summary>
    public static string Write(string thought, string answer) => $"<{Thinks}>{thought}</{Thinks}><{Answers}>{answer}</{Answers}>";

    /// <summary>The answers of a response, in their order; null where it is not made of whole turns with nothing but white space between them.</summary>
    public static IReadOnlyList<string>? Read(string response)
    {
        ArgumentNullException.ThrowIfNull(response);
        var rest = response.AsSpan();
        var answers = new List<string>();
        while ((rest = rest.TrimStart()).Length > 0)
        {
            if (!Take(ref rest, Thinks, out _) || !Take(ref rest, Answers, out var answer) || answer.Length == 0)
            {
                return null;
            }

            answers.Add(answer);
        }

        return answers.Count == 0 ? null : answers;
    }

    /// <summary>Where the first answer ends, in characters; null where there is none.</summary>
    public static int? FirstAnswerEnd(string response)
    {
        ArgumentNullException.ThrowIfNull(response);
        var closes = $"</{Answers}>";
        var at = response.IndexOf(closes, StringComparison.Ordinal);
        return at < 0 ? null : at + closes.Length;
    }

    /// <summary>Takes a pair of tags with what it holds, in which no tag may stand.</summary>
    private static bool Take(ref ReadOnlySpan<char> rest, string tag, out string inside)
    {
        var (opens, closes) = ($"<{tag}>", $"</{tag}>");
        rest = rest.TrimStart();
        var end = rest.IndexOf(closes, StringComparison.Ordinal);
        inside = "";
        if (!rest.StartsWith(opens, StringComparison.Ordinal) || end < 0)
        {
            return false;
        }

        var text = rest[opens.Length..end].Trim().ToString();
        inside = text;
        rest = rest[(end + closes.Length)..];
        return !new[] { Thinks, Answers }.Any(name =>
            text.Contains($"<{name}>", StringComparison.Ordinal) || text.Contains($"</{name}>", StringComparison.Ordinal));
    }
}
