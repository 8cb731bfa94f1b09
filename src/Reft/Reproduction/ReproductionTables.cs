using System.Globalization;
using System.Text;
using Reft.Evaluation;

namespace Reft.Reproduction;

/// <summary>The tables of a comparison, in the layout of the paper's: methods down, answer formats across.</summary>
internal static class ReproductionTables
{
    /// <summary>What methods are called.</summary>
    public static string Title(ComparedMethod method) => method switch
    {
        ComparedMethod.Sft => "SFT",
        ComparedMethod.Offline => "Offline self-training",
        ComparedMethod.Online => "Online self-training",
        ComparedMethod.Reft => "ReFT",
        _ => "ReFT, more answers",
    };

    /// <summary>The tables as Markdown.</summary>
    /// <param name="result">The figures.</param>
    /// <param name="stages">How long stages took.</param>
    public static string Markdown(ReproductionResult result, IReadOnlyList<StageRecord> stages)
    {
        var formats = result.TestProblems.Keys.ToArray();
        var most = result.Cells.Max(cell => cell.K);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"Accuracy on test in %, {Words(result)}.\n\n");
        if (result.Missing.Count > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"Not run yet: {string.Join("; ", result.Missing)}.\n\n");
        }

        Main(text, formats, most, result.Cells, cell => (cell.Format, cell.Method, cell.Decoding, cell.K), cell => Text(cell, result.Seeds.Count));
        if (result.Differences.Count > 0)
        {
            text.Append("\nDifferences from SFT in points, with 95 % intervals of the paired bootstrap over groups of problems");
            text.Append(result.Seeds.Count == 1 ? ".\n\n" : " (of the means over seeds); after the semicolon Student's 95 % interval over seeds.\n\n");
            Main(text, formats, most, result.Differences, d => (d.Format, d.Method, d.Decoding, d.K), Text);
            text.Append('\n');
            foreach (var difference in result.Differences.Where(d => d.Decoding == "greedy"))
            {
                text.Append(CultureInfo.InvariantCulture, $"- {Verdict(difference)}\n");
            }
        }

        text.Append("\nEvery decoding, means over seeds in %.\n\n");
        var decodings = result.Cells.Select(cell => cell.Decoding).Distinct().ToArray();
        Table(text, ["Format", "Method", .. decodings, "samples right"], result.Methods.GroupBy(m => (m.Format, m.Method)).Select(group => (string[])
            [group.Key.Format, Title(group.Key.Method),
            .. decodings.Select(d => result.Cells.FirstOrDefault(c => c.Format == group.Key.Format && c.Method == group.Key.Method && c.Decoding == d) is { } cell
                ? Percent(cell.Spread.Mean) : "–"),
            Percent(group.Average(m => m.SampleAccuracy))]));
        text.Append("\nBudgets, means over seeds. The steps of the warm-up are those of SFT up to its epoch, and not counted again. Time is that\n");
        text.Append("of the stages on the machine that ran them: the run, its share of sampling, tests, and the reward model.\n\n");
        Table(text, ["Format", "Method", "gradient steps", "samples drawn to learn", "best checkpoint at step", "sampling temperature", "calibration error", "minutes"],
            result.Methods.GroupBy(m => (m.Format, m.Method)).Select(group => (string[])
            [group.Key.Format, Title(group.Key.Method), Number(group.Average(m => m.GradientSteps)), Number(group.Average(m => m.SamplesDrawn)),
            string.Join(", ", group.Select(m => m.BestStep)),
            string.Join(", ", group.Select(m => m.Temperature.ToString("0.###", CultureInfo.InvariantCulture))),
            group.First().Calibration is null ? "–" : group.Average(m => m.Calibration!.ExpectedError).ToString("F3", CultureInfo.InvariantCulture), // All have one.
            Minutes(stages, result, group.Key.Format, group.Key.Method).ToString("F1", CultureInfo.InvariantCulture)]));
        return text.ToString();
    }

    /// <summary>A table of what the paper has: greedy, the vote and the choice of all samples; methods down, formats across.</summary>
    private static void Main<T>(
        StringBuilder text, string[] formats, int most, IReadOnlyList<T> figures,
        Func<T, (string Format, ComparedMethod Method, string Decoding, int K)> key, Func<T?, string> spell)
        where T : class => Table(text, ["Method", .. formats], figures.Select(figure => (Key: key(figure), Figure: figure))
            .Where(row => row.Key.Decoding == "greedy"
                || (row.Key.K == most && (Is(row.Key.Decoding, "maj") || Is(row.Key.Decoding, "rerank"))))
            .GroupBy(row => (row.Key.Decoding, row.Key.Method)).OrderBy(group => Order(group.Key.Decoding)).ThenBy(group => group.Key.Method)
            .Select(group => (string[])
            [
                Label(group.Key.Method, group.Key.Decoding),
                .. formats.Select(format => spell(group.FirstOrDefault(row => row.Key.Format == format).Figure)),
            ]));

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

    /// <summary>How long a method's stages took, a seed; the warm-up's samples are offline self-training's.</summary>
    internal static double Minutes(IReadOnlyList<StageRecord> stages, ReproductionResult result, string format, ComparedMethod method)
    {
        var name = ReproductionFiles.Name(method);
        var own = result.Methods.Where(m => m.Format == format && m.Method == method).ToArray();
        if (own.Any(m => m.Minutes is not null))
        {
            // Of a unit only the whole is known: it is shared among the methods.
            return own.Average(m => (m.Minutes ?? 0) / result.Methods.Count(other => other.Format == format && other.Seed == m.Seed));
        }

        return stages.Where(stage => stage.Stage.StartsWith(format + "/", StringComparison.Ordinal))
            .Where(stage => stage.Stage.Split('/')[^1] is var part
                && (part == name || part.StartsWith(name + " ", StringComparison.Ordinal) || (part == "warm-up samples" && method == ComparedMethod.Offline)))
            .Sum(stage => stage.Seconds) / 60 / own.Length;
    }

    private static bool Is(string decoding, string kind) => decoding.StartsWith(kind + "@", StringComparison.Ordinal);

    private static int Order(string decoding) => decoding == "greedy" ? 0 : Is(decoding, "maj") ? 1 : 2;

    private static string Label(ComparedMethod method, string decoding) =>
        decoding == "greedy" ? Title(method) : $"{Title(method)} + {decoding}";

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
    internal static string Verdict(Difference difference)
    {
        var what = $"{difference.Format}, {Title(difference.Method)} less SFT, greedily:";
        return difference.Both is not { } both
            ? $"{what} {Signed(difference.Value.Value)}; one seed says nothing of other seeds, so there is no verdict."
            : $"{what} {Signed(both.Value)} ({Signed(both.Low)} to {Signed(both.High)}) over problems and seeds together: "
            + (both.Low > 0 ? "better." : both.High < 0 ? "worse." : "no difference that these problems and seeds show.");
    }

    private static string OverSeeds(SeedSpread spread) =>
        spread is { Low: { } low, High: { } high } ? $"; {Signed(low)} to {Signed(high)}" : "";

    private static string Percent(double share) => (100 * share).ToString("F1", CultureInfo.InvariantCulture);

    private static string Signed(double share) => (100 * share).ToString("+0.0;-0.0;0.0", CultureInfo.InvariantCulture);

    private static string Number(double value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
