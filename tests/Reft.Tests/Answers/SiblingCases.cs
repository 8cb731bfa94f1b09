namespace Reft.Tests.Answers;

/// <summary>The table sibling-cases.tsv: kind, style, completion, known answer, outcomes that are right.</summary>
internal static class SiblingCases
{
    /// <summary>What stands before an answer that is written after <c>T:</c> and in a box after <c>B:</c>.</summary>
    private const string Trigger = "We work it out.\nTherefore, the answer is: ";

    public static IReadOnlyList<(string Kind, string Style, string Completion, string Gold, string[] Outcomes)> All()
    {
        var path = Path.Combine(AppContext.BaseDirectory, "Answers", "sibling-cases.tsv");
        return
        [
            .. File.ReadLines(path).Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split('\t')).Select(cells => (
                cells[0], cells[1] == "c" ? "choice" : "number", Completion(cells[2]), cells[3], Outcomes(cells[4]))),
        ];
    }

    private static string Completion(string cell)
    {
        var text = cell.Replace("⏎", "\n", StringComparison.Ordinal);
        return text.StartsWith("T: ", StringComparison.Ordinal) ? Trigger + text[3..]
            : text.StartsWith("B: ", StringComparison.Ordinal) ? $"We work it out, so \\boxed{{{text[3..]}}}."
            : text;
    }

    private static string[] Outcomes(string cell) =>
    [
        .. cell.Select(letter => letter switch
        {
            'C' => "Correct",
            'I' => "Incorrect",
            'N' => "NoAnswer",
            'E' => "Error",
            _ => throw new InvalidDataException($"'{cell}' names no outcome"),
        }),
    ];
}
