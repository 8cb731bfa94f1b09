using System.Globalization;
using System.Text;
using System.Text.Json;
using Reft.Evaluation;
using Reft.Inputs;

namespace Reft.Reproduction.Sweeps;

/// <summary>What a sweep found, as JSON and as a table.</summary>
internal static class SweepOutput
{
    /// <summary>The figures as JSON without times: the same sweep, the same bytes.</summary>
    public static string ToJson(SweepResult result) => JsonSerializer.Serialize(
        new
        {
            Format = 1,
            Over = result.Plan.Keys.Select(key => new { key.Key, key.Values }),
            result.Plan.Seeds,
            Chosen = result.Chosen.Name,
            ChosenBy = "dev",
            Table = result.Rows.Select(row => new
            {
                row.Point.Name,
                Values = result.Plan.Keys.Zip(row.Point.Values).ToDictionary(pair => pair.First.Key, pair => pair.Second),
                Dev = row.Interval,
                row.Spread,
                row.LessChosen,
                Seeds = row.Seeds.Select(seed => new { seed.Seed, seed.BestStep, seed.Dev }),
            }),
            result.Test,
        },
        RunJson.Indented) + "\n";

    /// <summary>The table as Markdown, with what may be said of it.</summary>
    public static string Markdown(SweepResult result)
    {
        var (plan, text) = (result.Plan, new StringBuilder());
        var several = plan.Seeds.Count > 1;
        text.Append(CultureInfo.InvariantCulture, $"Greedy accuracy on dev in % ({result.Rows[0].Seeds[0].Dev.N} problems), each run at its best checkpoint; ");
        text.Append(several ? $"means over seeds {string.Join(", ", plan.Seeds)}.\n\n" : $"seed {plan.Seeds[0]}.\n\n");
        string[] heads = [.. plan.Keys.Select(key => key.Label), "dev", .. several ? new[] { "± seeds" } : [], "95 %", "less the chosen", "best step", "minutes"];
        text.Append($"| {string.Join(" | ", heads)} |\n|{string.Concat(heads.Select((_, i) => i < plan.Keys.Count ? "---|" : "---:|"))}\n");
        foreach (var row in result.Rows)
        {
            string[] cells =
            [
                .. row.Point.Values.Select(value => value.Replace("|", "\\|", StringComparison.Ordinal)), Percent(row.Spread.Mean),
                .. several ? new[] { Percent(row.Spread.StandardDeviation ?? 0) } : [], Range(row.Interval, Percent),
                row.LessChosen is { } less ? $"{Signed(less.Value)} ({Range(less, Signed)})" : "chosen",
                string.Join(", ", row.Seeds.Select(seed => seed.BestStep)), row.Seeds.Average(seed => seed.Minutes).ToString("F1", CultureInfo.InvariantCulture),
            ];
            text.Append($"| {string.Join(" | ", cells)} |\n");
        }

        text.Append(several
            ? "\nIntervals are over problems and seeds together. "
            : "\nIntervals are over problems; one seed says nothing of other seeds. ");
        var equals = result.Rows.Count(row => row.Spread.Mean == result.Rows[0].Spread.Mean);
        text.Append(CultureInfo.InvariantCulture, $"Dev chose {result.Chosen.Name} of {result.Rows.Count}{(equals > 1 ? $" (the first of {equals} equals)" : "")}, and the checkpoints: its dev figure is flattered by that.\n");
        if (result.Test is { } test)
        {
            var seeds = several ? $"; seeds {string.Join(", ", test.Seeds.Select(seed => Percent(seed.Value)))}" : "";
            text.Append(CultureInfo.InvariantCulture, $"On test the chosen has {Percent(test.Spread.Mean)} % ({Range(test.Interval, Percent)}; {test.Interval.N} problems{seeds}); ");
            text.Append(test.Looks == 1 ? "nothing else was tried on it.\n" : $"it is look {test.Looks} at this test set, and each further one makes the figure less honest.\n");
        }
        else if (result.Chosen.Config.Problems.Test.Count == 0)
        {
            text.Append("The config has no problems.test, so there is no honest figure of the chosen.\n");
        }

        return text.ToString();
    }

    private static string Range(Estimate estimate, Func<double, string> spell) => $"{spell(estimate.Low)} to {spell(estimate.High)}";

    private static string Percent(double share) => (100 * share).ToString("F1", CultureInfo.InvariantCulture);

    private static string Signed(double share) => (100 * share).ToString("+0.0;-0.0;0.0", CultureInfo.InvariantCulture);
}
