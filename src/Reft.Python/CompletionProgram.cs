namespace Reft.Python;

/// <summary>
/// The program in a completion under the exact policy: inside the last complete markdown fence that has one, or after
/// words that stand before it.
/// </summary>
internal static class CompletionProgram
{
    private const string Fence = "```";

    private static readonly string[] Entries = ["solution", "solver"];

    private static readonly string[] Answers = ["ans", "answer"];

    /// <summary>
    /// The program: the whole completion where it has no fence. Of several fences the last complete one that defines
    /// <c>solution</c> counts, then the last complete one that holds Python, then one that was never closed.
    /// </summary>
    public static string Find(string completion)
    {
        string? open = null;
        var bodies = new List<string>();
        List<string>? body = null;
        foreach (var line in completion.Split('\n'))
        {
            var isFence = line.AsSpan().TrimStart().StartsWith(Fence, StringComparison.Ordinal);
            if (!isFence)
            {
                body?.Add(line);
            }
            else if (body is null)
            {
                open = line.Trim().Trim('`').Trim().ToLowerInvariant();
                body = [];
            }
            else
            {
                if (IsPython(open))
                {
                    bodies.Add(string.Join('\n', body));
                }

                body = null;
            }
        }

        return bodies.FindLast(b => EntryOf(b) is not null) ?? bodies.LastOrDefault()
            ?? (body is not null && IsPython(open) ? string.Join('\n', body) : completion);
    }

    /// <summary>
    /// What to try in place of a text that is no Python: without the words before the first definition or import, and
    /// then also without those after the last definition. Empty where there is nothing to leave out.
    /// </summary>
    public static IEnumerable<string> WithoutWords(string program)
    {
        var lines = program.Split('\n');
        var first = Array.FindIndex(lines, StartsProgram);
        if (first < 0)
        {
            yield break;
        }

        if (first > 0)
        {
            yield return string.Join('\n', lines[first..]);
        }

        var last = Array.FindLastIndex(lines, IsDefinition);
        var end = last < 0 ? lines.Length : Array.FindIndex(lines, last + 1, line => line.Length > 0 && !char.IsWhiteSpace(line[0]));
        if (end >= 0 && end < lines.Length)
        {
            yield return string.Join('\n', lines[first..end]);
        }
    }

    /// <summary>
    /// The function to call: <c>solution</c>, or else <c>solver</c>; null where the program defines neither.
    /// </summary>
    public static string? EntryOf(string program)
    {
        var lines = program.Split('\n');
        return Array.Find(Entries, name => Array.Exists(lines, line => Defines(line, name)));
    }

    /// <summary>The variable that holds the answer of a program without functions: <c>ans = …</c>; null where there is none.</summary>
    public static string? AnswerOf(string program)
    {
        var lines = program.Split('\n');
        return Array.Find(Answers, name => Array.Exists(lines, line => Assigns(line, name)));
    }

    private static bool IsPython(string? language) => language is "" or "python" or "python3" or "py" or "sympy";

    private static bool StartsProgram(string line) => IsDefinition(line) || line.StartsWith("import ", StringComparison.Ordinal)
        || (line.StartsWith("from ", StringComparison.Ordinal) && line.Contains(" import ", StringComparison.Ordinal));

    private static bool IsDefinition(string line) => line.StartsWith("def ", StringComparison.Ordinal)
        || line.StartsWith("class ", StringComparison.Ordinal) || line.StartsWith('@');

    private static bool Defines(string line, string name) => line.StartsWith("def ", StringComparison.Ordinal)
        && line.AsSpan(4).TrimStart() is var rest && rest.StartsWith(name, StringComparison.Ordinal)
        && rest[name.Length..].TrimStart().StartsWith("(", StringComparison.Ordinal);

    private static bool Assigns(string line, string name) => line.StartsWith(name, StringComparison.Ordinal)
        && line.AsSpan(name.Length).TrimStart() is ['=', not '=', ..];
}
