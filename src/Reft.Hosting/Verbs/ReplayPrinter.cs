using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Reft.Replay;
using Spectre.Console;

namespace Reft.Hosting.Verbs;

/// <summary>Prints what a replay found.</summary>
internal static class ReplayPrinter
{
    private const int FileWidth = 160;
    private const int MostRows = 20;

    // Ranks: 0 stays longest.
    private static readonly Column[] Columns =
    [
        new("step", 0, step => step.Step < 0 ? "all" : Text($"{step.Step}")),
        new("verdicts", 2, step => Text($"{step.VerdictsChanged}")),
        new("reward", 1, step => Change(step, f => f.Reward)),
        new("adv. mean", 9, step => Change(step, f => f.AdvantageMean)),
        new("adv. sd", 8, step => Change(step, f => f.AdvantageDeviation)),
        new("corr.", 3, step => Text($"{step.Correlation:F3}")),
        new("sign flips", 4, step => Text($"{step.SignFlips}")),
        new("loss", 10, step => Change(step, f => f.Loss)),
        new("policy loss", 5, step => Change(step, f => f.PolicyLoss)),
        new("value loss", 6, step => Change(step, f => f.ValueLoss)),
        new("expl. var.", 7, step => Change(step, f => f.ExplainedVariance)),
    ];

    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    public static void Print(Terminal terminal, ReplayResult result, bool json)
    {
        if (json)
        {
            terminal.Out.WriteLine(JsonSerializer.Serialize(result, Options));
            return;
        }

        if (result.Settings.Count > 0)
        {
            var console = terminal.Ansi;
            // A file or a pipe has no width; a narrow table would break every figure.
            console.Profile.Width = Console.IsOutputRedirected ? FileWidth : console.Profile.Width;
            Table(console, result);
        }

        foreach (var change in result.Examples)
        {
            terminal.WriteWrapped(
                $"step {change.Step} {change.Sample}: {change.Before} becomes {change.After} ({change.Detail}): {change.Text}", 2);
        }

        foreach (var skipped in result.Skipped)
        {
            terminal.WriteWrapped($"Left out: {skipped}.", 2);
        }

        terminal.WriteWrapped(Verdict(result), 2);
        if (result.Unreplayed is { } missing)
        {
            terminal.WriteWrapped($"No file of a run has {missing}.", 2);
        }
    }

    private static string Verdict(ReplayResult result)
    {
        var (first, last) = (result.Steps[0].Step, result.Steps[^1].Step);
        var what = Text($"Replayed {result.Rollouts} rollouts ({result.Tokens} tokens, steps {first} to {last})");
        var judged = result.Verified ? "verdicts, rewards, advantages, returns and figures" : "rewards, advantages, returns and figures";
        if (result.Identical && result.Settings.Count == 0)
        {
            return $"{what}: identical, to the bit, in {judged}"
                + (result.Verified ? "." : " (verdicts as stored; --verify judges them anew).");
        }

        if (result.Settings.Count == 0)
        {
            return $"{what}: NOT what is stored. First difference: {result.Difference}.";
        }

        var changed = result.Steps.Sum(s => s.VerdictsChanged);
        var rewards = result.Steps.Sum(s => s.RewardsChanged);
        var counts = Text($"{what} with {string.Join(", ", result.Settings)}: {changed} verdicts and {rewards} rewards differ");
        if (result.Steps.All(s => s.Tokens == 0))
        {
            return $"{counts}."; // The method has no advantages.
        }

        var correlation = result.Correlation is { } r ? Text($"{r:F4}") : "none (one of the two does not vary)";
        return $"{counts}; correlation of the advantages {correlation}; "
            + Text($"{result.SignFlips} of {result.Tokens} tokens ({(double)result.SignFlips / result.Tokens:P1}) change sign.");
    }

    /// <summary>
    /// Before and after in one cell. Long runs are shown in as many rows as can be read, and a narrow screen in as many
    /// columns as it holds, the most telling ones first.
    /// </summary>
    private static void Table(IAnsiConsole console, ReplayResult result)
    {
        var every = (result.Steps.Count + MostRows - 1) / MostRows;
        ReplayedStep[] rows = [.. result.Steps.Where((_, i) => i % every == 0), Overall(result)];
        // A figure that the method does not have takes no column.
        var columns = Columns.Select(c => new { c.Title, c.Rank, Cells = rows.Select(c.Cell).ToArray() })
            .Where(c => c.Cells.Any(cell => cell != "NaN")).ToList();
        var dropped = new List<string>();
        while (columns.Count > 1 && columns.Sum(c => c.Cells.Append(c.Title).Max(t => t.Length) + 3) + 1 > console.Profile.Width)
        {
            var last = columns.MaxBy(c => c.Rank)!;
            columns.Remove(last);
            dropped.Add(last.Title);
        }

        var table = new Table().AddColumns([.. columns.Select(c => c.Title)]);
        for (var row = 0; row < rows.Length; row++)
        {
            table.AddRow([.. columns.Select(c => c.Cells[row])]);
        }

        console.Write(table);
        if (every > 1)
        {
            console.WriteLine(Text($"Every {every}th step is shown (old > new); --json has all of them."));
        }

        if (dropped.Count > 0)
        {
            console.WriteLine($"Too wide for this screen: {string.Join(", ", dropped)}.");
        }
    }

    private sealed record Column(string Title, int Rank, Func<ReplayedStep, string> Cell);

    /// <summary>Sums of counts and plain means of figures over steps.</summary>
    private static ReplayedStep Overall(ReplayResult result)
    {
        var steps = result.Steps;
        return new ReplayedStep(
            -1, steps.Sum(s => s.Rollouts), steps.Sum(s => s.VerdictsChanged), steps.Sum(s => s.RewardsChanged),
            result.Correlation ?? double.NaN, result.SignFlips, result.Tokens, Mean([.. steps.Select(s => s.Before)]),
            Mean([.. steps.Select(s => s.After)]));

        static ReplayFigures Mean(ReplayFigures[] all) => new(
            all.Average(f => f.KlCoefficient), all.Average(f => f.Reward), all.Average(f => f.AdvantageMean),
            all.Average(f => f.AdvantageDeviation), all.Average(f => f.Loss), all.Average(f => f.PolicyLoss), all.Average(f => f.ValueLoss),
            all.Select(f => f.ExplainedVariance).Where(double.IsFinite).DefaultIfEmpty(double.NaN).Average());
    }

    private static string Change(ReplayedStep step, Func<ReplayFigures, double> of)
    {
        var (before, after) = (Figure(of(step.Before)), Figure(of(step.After)));
        return before == after ? after : $"{before} > {after}";
    }

    /// <summary>Three places; adding 0 turns what rounds to a negative zero into zero.</summary>
    private static string Figure(double value) => Text($"{Math.Round(value, 3) + 0.0:F3}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
