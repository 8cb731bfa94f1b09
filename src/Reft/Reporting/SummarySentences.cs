using Reft.Evaluation.Reranking;
using static Reft.Reporting.JsonValues;

namespace Reft.Reporting;

/// <summary>A run in words: how it ended, what improved, and what to be wary of.</summary>
internal static class SummarySentences
{
    private const double Truncated = 0.05;

    public static IEnumerable<string> Of(RunRecord run, DevChange? dev, IReadOnlyDictionary<string, Trend> trends)
    {
        yield return Ending(run);
        yield return run.Rerankings.Count > 0 ? Reranked(run.Rerankings) : dev is null ? "There is no dev evaluation." : Evaluated(dev);
        if (dev is not null && dev.Best.Accuracy.Value > dev.Last.Accuracy.Value)
        {
            yield return Line($"The best dev accuracy is {Percent(dev.Best.Accuracy.Value)}, at step {dev.Best.Step}.");
        }

        if (Known(trends, "verdict/correct_share") is { } correct)
        {
            yield return Line(
                $"In training, {Percent(correct.First)} of the rollouts were correct in the first tenth of the steps ")
                + $"and {Percent(correct.Last)} in the last.";
        }

        if (Known(trends, "loss/nll") is { } loss)
        {
            yield return Line($"The loss went from {loss.First:G3} nats a token in the first tenth ")
                + Line($"to {loss.Last:G3} in the last.");
        }

        if (Known(trends, "kl/k1_sequence") is { } kl)
        {
            yield return Line($"A response is {kl.Last:F2} nats from the reference model at the end.");
        }

        if (Known(trends, "rollout/truncated_share") is { } cut && cut.Last > Truncated)
        {
            yield return $"{Percent(cut.Last)} of the last tenth's rollouts were truncated: "
                + "they ended at the length limit.";
        }

        yield return Alarms(run.Alarms);
        yield return run.TestLooks switch
        {
            0 => "Nobody has looked at the test set.",
            1 => "The test set was looked at once.",
            _ => $"The test set was looked at {run.TestLooks} times: each further look makes its figure less honest.",
        };
    }

    private static string Reranked(IReadOnlyList<RerankRecord> all)
    {
        var (record, row) = all.Select(record => (Record: record, Row: record.Report.Rows[^1])).MaxBy(pair => pair.Row.Best.Value);
        return Line($"On {record.Set}, the reward model's choice of {row.K} samples is right for {Percent(row.Best.Value)} of ")
            + Line($"{record.Report.Problems} problems at its best, after step {record.Step}; the majority for {Percent(row.Majority.Value)}, ")
            + $"and some sample for {Percent(row.Pass.Value)}.";
    }

    private static string Ending(RunRecord run)
    {
        var of = run.Status.TryGetValue("of", out var all) && all != Line($"{run.Metrics.Steps}") ? $" of {all}" : "";
        var steps = run.Metrics.Steps == 1 && of.Length == 0 ? "1 step" : Line($"{run.Metrics.Steps:N0}{of} steps");
        var because = run.Why is null ? "." : $": {run.Why.TrimEnd('.')}.";
        var name = run.Method is null ? "The run" : $"The {run.Method} run";
        return run.State switch
        {
            "finished" => $"{name} finished after {steps}{because}",
            "running" => $"{name} is in progress: {steps} so far{because}",
            "stopped" => $"{name} was stopped after {steps}{because}",
            "failed" => $"{name} failed after {steps}{because}",
            _ => $"{name} does not say how it ended; it has {steps}.",
        };
    }

    private static string Evaluated(DevChange dev)
    {
        var last = Line($"{Percent(dev.Last.Accuracy.Value)} at step {dev.Last.Step}{Interval(dev.Last)}");
        if (dev.First.Step == dev.Last.Step)
        {
            return $"Strict accuracy on dev is {last}; there is no other evaluation to compare it with.";
        }

        var points = 100 * (dev.Last.Accuracy.Value - dev.First.Accuracy.Value);
        var verb = points > 0 ? "rose" : points < 0 ? "fell" : "went";
        return Line($"Strict accuracy on dev {verb} from {Percent(dev.First.Accuracy.Value)} at step {dev.First.Step}")
            + Line($"{Interval(dev.First)} to {last}: {points:+0.0;−0.0;0.0} points.{Paired(dev)}");
    }

    private static string Interval(DevPoint point) =>
        Line($" (95% interval {100 * point.Accuracy.Low:F1}–{100 * point.Accuracy.High:F1}%)");

    private static string Paired(DevChange dev)
    {
        if (dev.Gained + dev.Lost == 0)
        {
            return dev.Compared > 0 ? $" None of the {dev.Compared} problems changed." : "";
        }

        var p = dev.P < 0.001 ? "p < 0.001" : Line($"p = {dev.P:0.000}");
        var meaning = dev.P < 0.05 ? $"chance is an unlikely reason ({p}" : $"chance alone can be the reason ({p}";
        return $" Of {dev.Compared} problems, {dev.Gained} became right and {dev.Lost} became wrong; "
            + $"{meaning}, McNemar's test).";
    }

    private static string Alarms(IReadOnlyList<AlarmKind> alarms)
    {
        if (alarms.Count == 0)
        {
            return "No alarm fired.";
        }

        var kinds = alarms.Select(a => $"{a.Id} ({(a.Count == 1 ? "once" : $"{a.Count} times")}, "
            + $"{(a.First == a.Last ? $"step {a.First}" : $"steps {a.First} to {a.Last}")})");
        return $"Alarms fired: {string.Join("; ", kinds)}.";
    }

    private static Trend? Known(IReadOnlyDictionary<string, Trend> trends, string name) =>
        trends.TryGetValue(name, out var trend) && double.IsFinite(trend.First) && double.IsFinite(trend.Last)
            ? trend
            : null;

    private static string Line(FormattableString text) => FormattableString.Invariant(text);
}
