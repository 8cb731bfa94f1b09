using System.Globalization;
using System.Text.RegularExpressions;

namespace Reft.Problems.Files;

/// <summary>The options of multiple choice, as files keep them beside the question: in a list, or in a column each.</summary>
internal static partial class OptionLists
{
    /// <summary>A line an option, lettered <c>a ) …</c> where they have no letters of their own.</summary>
    public static string Write(IReadOnlyList<string> options) => string.Join('\n', options.All(option => Lettered().IsMatch(option))
        ? options
        : options.Select((option, i) => string.Create(CultureInfo.InvariantCulture, $"{(char)('a' + i)} ) {option.Trim()}")));

    /// <summary>A row's options that are in none of the columns that its problem was made of; empty for none.</summary>
    public static IReadOnlyList<string> Of(ProblemRow row)
    {
        var lists = row.Cells.Where(pair => pair.Value.Items is { Count: > 1 }).Select(pair => pair.Value.Items!).ToArray(); // Not null: selected.
        return lists.Length > 0
            ? lists[0]
            : [.. row.Cells.Where(pair => IsOption(pair.Key) && pair.Value.Text is not null).Select(pair => pair.Value.Text!)]; // As above.
    }

    /// <summary>Whether a column is one option: <c>A</c>, <c>option_b</c>, <c>opc</c>, <c>choice 4</c>.</summary>
    public static bool IsOption(string column) => Column().IsMatch(column);

    [GeneratedRegex(@"^\s*\(?[A-Ja-j]\s?[).:]")]
    private static partial Regex Lettered();

    [GeneratedRegex("^([A-J]|(option|choice|alternative|op)[ _-]?([a-j]|[0-9]))$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Column();
}
