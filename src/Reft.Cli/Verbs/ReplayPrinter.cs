using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Reft.Composition.Replay;
using Spectre.Console;

namespace Reft.Cli.Verbs;

/// <summary>Prints what a replay found.</summary>
internal static class ReplayPrinter
{
    private const int FileWidth = 160;
    private const int MostRows = 20;

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
    }

    private static string Verdict(ReplayResult result)
    {
        var (first, last) = (result.Steps[0].Step, result.Steps[^1].Step);
        var what = Text($"Replayed {result.Rollouts} rollouts ({result.Tokens} tokens, steps {first} to {last})");
        var judged = result.Verified ? "verdicts, rewards, advantages and returns" : "rewards, advantages and returns";
        if (result.Identical)
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
        var correlation = result.Correlation is { } r ? Text($"{r:F4}") : "none (one of the two does not vary)";
        return Text($"{what} with {string.Join(", ", result.Settings)}: {changed} verdicts and {rewards} rewards differ; ")
            + $"correlation of the advantages {correlation}; "
            + Text($"{result.SignFlips} of {result.Tokens} tokens ({(double)result.SignFlips / result.Tokens:P1}) change sign.");
    }

    /// <summary>Before and after in one cell; long runs are shown in as many rows as can be read.</summary>
    private static void Table(IAnsiConsole console, ReplayResult result)
    {
        var table = new Table().AddColumns(
            "step", "verdicts", "reward", "adv. mean", "adv. sd", "corr.", "sign flips", "policy loss", "value loss", "expl. var.");
        var every = (result.Steps.Count + MostRows - 1) / MostRows;
        foreach (var step in result.Steps.Where((_, i) => i % every == 0))
        {
            Row(table, Text($"{step.Step}"), step);
        }

        Row(table, "all", Overall(result));
        console.Write(table);
        if (every > 1)
        {
            console.WriteLine(Text($"Every {every}th step is shown (old > new); --json has all of them."));
        }
    }

    private static void Row(Table table, string name, ReplayedStep step) => table.AddRow(
        name, Text($"{step.VerdictsChanged}"), Change(step, f => f.Reward), Change(step, f => f.AdvantageMean),
        Change(step, f => f.AdvantageDeviation), Text($"{step.Correlation:F3}"), Text($"{step.SignFlips}"),
        Change(step, f => f.PolicyLoss), Change(step, f => f.ValueLoss), Change(step, f => f.ExplainedVariance));

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
            all.Average(f => f.AdvantageDeviation), all.Average(f => f.PolicyLoss), all.Average(f => f.ValueLoss),
            all.Select(f => f.ExplainedVariance).Where(double.IsFinite).DefaultIfEmpty(double.NaN).Average());
    }

    private static string Change(ReplayedStep step, Func<ReplayFigures, double> of)
    {
        var (before, after) = (Text($"{of(step.Before):F3}"), Text($"{of(step.After):F3}"));
        return before == after ? after : $"{before} > {after}";
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
