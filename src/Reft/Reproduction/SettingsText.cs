namespace Reft.Reproduction;

/// <summary>
/// The text of all that decides the figures of a folder. A line begins with what it belongs to and a colon: parts may be added, and
/// what was there has to be there as it was.
/// </summary>
internal static class SettingsText
{
    /// <summary>Refuses a text that changes a part of the one before.</summary>
    /// <param name="folder">The folder, and the key or option that names another.</param>
    /// <param name="before">The text before.</param>
    /// <param name="now">The text now.</param>
    /// <exception cref="InputException">A part is another; the message names the first line.</exception>
    public static void Compare((string Path, string Option) folder, string before, string now)
    {
        var parts = Parts(now).ToDictionary(part => part.Key, part => part.ToArray());
        foreach (var part in Parts(before))
        {
            string[] then = [.. part];
            var own = parts.GetValueOrDefault(part.Key) ?? [];
            var at = Enumerable.Range(0, Math.Max(then.Length, own.Length))
                .FirstOrDefault(i => then.ElementAtOrDefault(i) != own.ElementAtOrDefault(i), -1);
            if (at >= 0)
            {
                throw new InputException(
                    $"{folder.Path}: was begun with other settings: {OneLine.Quote(then.ElementAtOrDefault(at) ?? "nothing")} then, "
                    + $"{OneLine.Quote(own.ElementAtOrDefault(at) ?? "nothing")} now; restore them, or name another folder with {folder.Option}");
            }
        }

        static IEnumerable<IGrouping<string, string>> Parts(string text) =>
            text.Split('\n', StringSplitOptions.RemoveEmptyEntries).GroupBy(line => line.Split(':')[0], StringComparer.Ordinal);
    }
}
