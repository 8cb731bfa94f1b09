namespace Reft.Configuration.Binding;

/// <summary>Guesses what a misspelt name meant.</summary>
internal static class NearName
{
    /// <summary>The name that is nearest to a text; null if none is near.</summary>
    public static string? Of(string text, IEnumerable<string> names)
    {
        var folded = Fold(text);
        // A third of the letters may be wrong: more is another word.
        var limit = Math.Max(1, folded.Length / 3);
        return names.Select(name => (Name: name, Distance: Distance(folded, Fold(name))))
            .Where(near => near.Distance <= limit)
            .OrderBy(near => near.Distance).ThenBy(near => near.Name, StringComparer.Ordinal)
            .Select(near => near.Name).FirstOrDefault();
    }

    /// <summary>A clause for the end of a message: <c>; did you mean 'x'?</c>, or nothing.</summary>
    public static string Ask(string text, IEnumerable<string> names) =>
        Of(text, names) is { } near ? $"; did you mean '{near}'?" : "";

    // batch_size, batch-size and BatchSize are one name to a reader.
    private static string Fold(string name) =>
        string.Concat(name.Where(c => c is not ('_' or '-')).Take(100).Select(char.ToLowerInvariant));

    /// <summary>Insertions, deletions, replacements and swaps of neighbours that make one text of the other.</summary>
    private static int Distance(string a, string b)
    {
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                rows[i, j] = (i, j) switch
                {
                    (0, _) => j,
                    (_, 0) => i,
                    _ => Math.Min(
                        Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1,
                        rows[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)),
                };
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
                }
            }
        }

        return rows[a.Length, b.Length];
    }
}
