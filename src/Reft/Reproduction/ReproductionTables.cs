using System.Globalization;
using System.Text;
using Reft.Evaluation;

namespace Reft.Reproduction;

/// <summary>The tables of a comparison, in the layout of the paper's: arms down, answer formats across.</summary>
internal static class ReproductionTables
{
    /// <summary>The tables as Markdown.</summary>
    /// <param name="result">The figures.</param>
    public static string Markdown(ReproductionResult result)
    {
        var formats = result.TestProblems.Keys.ToArray();
        var most = result.Cells.Max(cell => cell.K);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"Accuracy on test in %, {Words(result)}.\n\n");
        if (result.Missing.Count > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"Not run yet: {string.Join("; ", result.Missing)}.\n\n");
        }

        Main(text, result.Titles, formats, most, result.Cells, cell => (cell.Format, cell.Arm, cell.Decoding, cell.K), cell => Text(cell, result.Seeds.Count));
        if (result.Seeds.Count > 1)
        {
            text.Append("\nGreedily, a seed each, with 95 % intervals over problems; the difference from the first arm with its three intervals.\n\n");
            Table(
                text, ["Format", "Method", .. result.Seeds.Select(seed => $"seed {seed}"), "difference", "over problems", "over seeds", "both"],
                result.Arms.GroupBy(arm => (arm.Format, arm.Arm)).Select(group => (string[])
                [
                    group.Key.Format, result.Titles[group.Key.Arm],
                    .. result.Seeds.Select(seed => group.FirstOrDefault(arm => arm.Seed == seed)?.Decodings[0].Accuracy is { } a ? $"{Percent(a.Value)} ({Range(a, Percent)})" : "–"),
                    .. Intervals(result.Differences.FirstOrDefault(d => d.Format == group.Key.Format && d.Arm == group.Key.Arm && d.Decoding == "greedy")),
                ]));
        }

        foreach (var group in result.Differences.GroupBy(d => d.Against))
        {
            text.Append($"\nDifferences from {result.Titles[group.Key]} in points, with 95 % intervals of the paired bootstrap over groups of problems");
            text.Append(result.Seeds.Count == 1 ? ".\n\n" : " (of the means over seeds); after the semicolon Student's 95 % interval over seeds.\n\n");
            Main(text, result.Titles, formats, most, [.. group], d => (d.Format, d.Arm, d.Decoding, d.K), Text);
            text.Append('\n');
            foreach (var difference in group.Where(d => d.Decoding == "greedy"))
            {
                text.Append(CultureInfo.InvariantCulture, $"- {Verdict(difference, result.Titles)}\n");
            }
        }

        var arms = result.Arms.GroupBy(arm => (arm.Format, arm.Arm)).Select(group => (group.Key.Format, group.Key.Arm, Title: result.Titles[group.Key.Arm],
            Facts: group.Select(arm => arm.Facts).ToArray())).ToArray();
        text.Append("\nEvery decoding, means over seeds in %.\n\n");
        var decodings = result.Cells.Select(cell => cell.Decoding).Distinct().ToArray();
        Table(text, ["Format", "Method", .. decodings, "samples right"], arms.Select(row => (string[])
            [row.Format, row.Title,
            .. decodings.Select(d => result.Cells.FirstOrDefault(c => c.Format == row.Format && c.Arm == row.Arm && c.Decoding == d) is { } cell
                ? Percent(cell.Spread.Mean) : "–"),
            Percent(row.Facts.Average(f => f.SampleAccuracy))]));
        text.Append("\nBudgets, means over seeds. The steps of the warm-up are those of the first arm up to its epoch, and not counted again. Processor\n");
        text.Append("seconds are those of the run alone, with its looks at dev; minutes are of all stages, the run, its samples of the warm-up, tests and the reward model, as busy as the machine was.\n\n");
        Table(text, ["Format", "Method", "gradient steps", "samples drawn to learn", "best checkpoint at step", "sampling temperature", "calibration error", "processor seconds", "minutes"],
            arms.Select(row => (string[])
            [row.Format, row.Title, Number(row.Facts.Average(f => f.GradientSteps)), Number(row.Facts.Average(f => f.SamplesDrawn)),
            string.Join(", ", row.Facts.Select(f => f.BestStep)),
            string.Join(", ", row.Facts.Select(f => f.Temperature.ToString("0.###", CultureInfo.InvariantCulture))),
            row.Facts.Any(f => f.Calibration is null) ? "–" : row.Facts.Average(f => f.Calibration!.ExpectedError).ToString("F3", CultureInfo.InvariantCulture), // All have one.
            row.Facts.Average(f => f.ProcessorSeconds)?.ToString("F0", CultureInfo.InvariantCulture) ?? "–",
            row.Facts.Average(f => f.Minutes).ToString("F1", CultureInfo.InvariantCulture)]));
        return text.ToString();
    }

    /// <summary>A table of what the paper has: greedy, the vote and the choice of all samples; arms down, formats across.</summary>
    private static void Main<T>(
        StringBuilder text, IReadOnlyDictionary<string, string> titles, string[] formats, int most, IReadOnlyList<T> figures,
        Func<T, (string Format, string Arm, string Decoding, int K)> key, Func<T?, string> spell)
        where T : class
    {
        string[] arms = [.. titles.Keys];
        Table(text, ["Method", .. formats], figures.Select(figure => (Key: key(figure), Figure: figure))
            .Where(row => row.Key.Decoding == "greedy"
                || (row.Key.K == most && (Is(row.Key.Decoding, "maj") || Is(row.Key.Decoding, "rerank"))))
            .GroupBy(row => (row.Key.Decoding, row.Key.Arm)).OrderBy(group => Order(group.Key.Decoding)).ThenBy(group => Array.IndexOf(arms, group.Key.Arm))
            .Select(group => (string[])
            [
                group.Key.Decoding == "greedy" ? titles[group.Key.Arm] : $"{titles[group.Key.Arm]} + {group.Key.Decoding}",
                .. formats.Select(format => spell(group.FirstOrDefault(row => row.Key.Format == format).Figure)),
            ]));
    }

    private static string Words(ReproductionResult result)
    {
        var problems = string.Join(", ", result.TestProblems.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Value} problems for {pair.Key}")));
        return result.Seeds.Count == 1
            ? $"{problems}; one seed, with 95 % intervals over problems"
            : $"{problems}; means and standard deviations over seeds {string.Join(", ", result.Seeds)}";
    }

    private static void Table(StringBuilder text, string[] heads, IEnumerable<string[]> rows)
    {
        text.Append(CultureInfo.InvariantCulture, $"| {string.Join(" | ", heads)} |\n|{string.Concat(heads.Select((_, i) => i == 0 ? "---|" : "---:|"))}\n");
        foreach (var row in rows)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {string.Join(" | ", row)} |\n");
        }
    }

    private static bool Is(string decoding, string kind) => decoding.StartsWith(kind + "@", StringComparison.Ordinal);

    private static int Order(string decoding) => decoding == "greedy" ? 0 : Is(decoding, "maj") ? 1 : 2;

    private static string Text(Cell? cell, int seeds) => cell switch
    {
        null => "–",
        { Spread.StandardDeviation: { } deviation } => $"{Percent(cell.Spread.Mean)} ± {Percent(deviation)}{(cell.Seeds.Count == seeds ? "" : $" ({cell.Seeds.Count} seeds)")}",
        _ => $"{Percent(cell.Spread.Mean)} ({Percent(cell.Seeds[0].Low)} to {Percent(cell.Seeds[0].High)})",
    };

    private static string Text(Difference? difference) => difference is null
        ? "–"
        : $"{Signed(difference.Value.Value)} ({Signed(difference.Value.Low)} to {Signed(difference.Value.High)}{OverSeeds(difference.Spread)})";

    /// <summary>What a difference says, by its interval over problems and seeds together.</summary>
    internal static string Verdict(Difference difference, IReadOnlyDictionary<string, string> titles)
    {
        var what = $"{difference.Format}, {titles[difference.Arm]} less {titles[difference.Against]}, greedily:";
        return difference.Both is not { } both
            ? $"{what} {Signed(difference.Value.Value)}; one seed says nothing of other seeds, so there is no verdict."
            : $"{what} {Signed(both.Value)} ({Signed(both.Low)} to {Signed(both.High)}) over problems and seeds together: "
            + (both.Low > 0 ? "better." : both.High < 0 ? "worse." : "no difference that these problems and seeds show.");
    }

    /// <summary>A difference, and what other problems, other seeds, and both would give.</summary>
    private static string[] Intervals(Difference? difference) => difference is null
        ? ["", "", "", ""]
        : [
            Signed(difference.Value.Value), Range(difference.Value, Signed),
            difference.Spread is { Low: { } low, High: { } high } ? $"{Signed(low)} to {Signed(high)}" : "–",
            difference.Both is { } both ? Range(both, Signed) : "–",
        ];

    private static string Range(Estimate estimate, Func<double, string> spell) => $"{spell(estimate.Low)} to {spell(estimate.High)}";

    private static string OverSeeds(SeedSpread spread) =>
        spread is { Low: { } low, High: { } high } ? $"; {Signed(low)} to {Signed(high)}" : "";

    private static string Percent(double share) => (100 * share).ToString("F1", CultureInfo.InvariantCulture);

    private static string Signed(double share) => (100 * share).ToString("+0.0;-0.0;0.0", CultureInfo.InvariantCulture);

    private static string Number(double value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
