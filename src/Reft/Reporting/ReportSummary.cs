namespace Reft.Reporting;

/// <summary>The figures of a run that its page opens with, and what they mean in words.</summary>
internal sealed record ReportSummary
{
    /// <summary>The run's name.</summary>
    public required string Run { get; init; }

    /// <summary>The method.</summary>
    public required string? Method { get; init; }

    /// <summary>running, finished, stopped, failed or unknown.</summary>
    public required string State { get; init; }

    /// <summary>Steps in metrics.jsonl.</summary>
    public required long Steps { get; init; }

    /// <summary>What changed on dev; null where there is no evaluation.</summary>
    public required DevChange? Dev { get; init; }

    /// <summary>How many dev problems flipped, by kind.</summary>
    public required IReadOnlyDictionary<string, int> Flips { get; init; }

    /// <summary>How often each invariant fired.</summary>
    public required IReadOnlyDictionary<string, int> Alarms { get; init; }

    /// <summary>Looks at the test set.</summary>
    public required int TestLooks { get; init; }

    /// <summary>The means of main figures over the first and the last tenth of the run.</summary>
    public required IReadOnlyDictionary<string, Trend> Trends { get; init; }

    /// <summary>What was missing or damaged.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>The summary in words.</summary>
    public required IReadOnlyList<string> Sentences { get; init; }

    /// <summary>The figures as one JSON object.</summary>
    public string ToJson() => PageJson.Write(this);

    /// <summary>Summarises a run.</summary>
    internal static ReportSummary Of(RunRecord run)
    {
        var dev = DevChange.Of(run);
        var trends = Trend.All(run);
        return new ReportSummary
        {
            Run = run.Name,
            Method = run.Method,
            State = run.State,
            Steps = run.Metrics.Steps,
            Dev = dev,
            Flips = Enum.GetValues<FlipKind>().ToDictionary(kind => PageJson.Name(kind), run.Flips.Count),
            Alarms = run.Alarms.ToDictionary(alarm => alarm.Id, alarm => alarm.Count),
            TestLooks = run.TestLooks,
            Trends = trends,
            Notes = run.Notes,
            Sentences = [.. SummarySentences.Of(run, dev, trends)],
        };
    }
}

/// <summary>A figure at the two ends of a run.</summary>
/// <param name="First">Its mean over the first tenth of the run, and at least one point.</param>
/// <param name="Last">Its mean over the last tenth.</param>
internal sealed record Trend(double First, double Last)
{
    private static readonly string[] Names =
    [
        "verdict/correct_share", "reward/verdict_mean", "reward/total", "kl/k1_sequence", "kl/k1_sequence_se",
        "policy/entropy", "rollout/length_mean", "rollout/truncated_share", "value/explained_variance", "loss/nll",
    ];

    /// <summary>The trends of a run's main figures, of those that it has.</summary>
    internal static IReadOnlyDictionary<string, Trend> All(RunRecord run)
    {
        var trends = new Dictionary<string, Trend>(StringComparer.Ordinal);
        var (count, ends) = (run.Metrics.From.Count, Math.Max(1, run.Metrics.From.Count / 10));
        foreach (var name in Names)
        {
            if (run.Metrics.Figures.TryGetValue(name, out var curve))
            {
                trends[name] = new Trend(curve.Mean(0, ends), curve.Mean(count - ends, count));
            }
        }

        return trends;
    }
}
