using static System.FormattableString;

namespace Reft.Diagnosis;

/// <summary>Red flags of the policy, its values and its optimizer (docs/operating.md).</summary>
internal static class PolicyRules
{
    private const double HighKl = 50;
    private const double LowEntropy = 0.01;
    private const int SettlingSteps = 20;
    private const double Spike = 10;

    /// <summary>The findings.</summary>
    /// <param name="run">The run's figures.</param>
    /// <param name="metrics">What the run's method says of them.</param>
    public static IEnumerable<DoctorFinding> Of(RunFigures run, IEnumerable<Metric> metrics)
    {
        var own = metrics.Where(metric => metric.Healthy is not null).Select(metric => StreakRule.Of(metric.Name, metric.Healthy!)); // Chosen so.
        var found = own.Concat(_streaks).Select(rule => Streak(run, rule)).Concat(
            [Kl(run), Collapse(run), Noise(run), Climb(run), Truncated(run), Spikes(run)]);
        return found.OfType<DoctorFinding>();
    }

    private static readonly StreakRule[] _streaks =
    [
        new("weights-still", "optimizer/changed_share", v => v == 0, 0, 3, "0",
            "every update rounds to nothing", "raise optimizer.learningRate, or train in float32")
        {
            // A gradient of 0 moves nothing, however it is rounded.
            Moved = "optimizer/gradient_norm",
        },
        new("gradients-nothing", "optimizer/gradient_norm", v => v == 0, 0, 3, "0",
            "there was nothing to learn from: no sequence had a loss, or all rewards were equal",
            "look at verdict/correct_share and reward/terminal_std; warm up longer, or take more rollouts.samplesPerProblem"),
        new("skipped-updates", "optimizer/skipped", v => v > 0, 0, 1, "above 0",
            "gradients were not finite, and their updates were left out", "lower optimizer.learningRate, or train in float32"),
    ];

    private static DoctorFinding? Streak(RunFigures run, StreakRule rule) =>
        run.Streak(rule.Figure, rule.Holds, rule.From, i => rule.Moved is null || run.Of(rule.Moved) is not { Length: > 0 } moved || moved[i] != 0)
            is { } streak && streak.Last - streak.First + 1 >= rule.Least
            ? new DoctorFinding(
                rule.Id, Severity.Warning,
                Invariant($"{rule.Figure} was {rule.Limit} for {streak.Last - streak.First + 1} steps in a row (mean ")
                    + Invariant($"{run.Of(rule.Figure)[streak.First..(streak.Last + 1)].Average():F3})"),
                rule.Meaning, rule.Remedy)
            {
                From = run.Steps[streak.First],
                To = run.Steps[streak.Last],
            }
            : null;

    private static DoctorFinding? Kl(RunFigures run)
    {
        const string Name = "kl/k1_sequence";
        var first = Array.FindIndex(run.Of(Name), v => v > HighKl);
        return first >= 0 && run.Late(Name) > HighKl
            ? Since(run, first, Witness.Any, new DoctorFinding(
                "kl-growth", Severity.Warning,
                Invariant($"{Name} passed {HighKl} nats at step {run.Steps[first]} and ended at {run.Of(Name)[^1]:F1}"),
                "the policy is leaving its reference, and with it what it learned before",
                "[raise {kl.coefficient}, or ]lower optimizer.learningRate"))
            : null;
    }

    private static DoctorFinding? Collapse(RunFigures run)
    {
        const string Name = "policy/entropy";
        var first = Array.FindIndex(run.Of(Name), v => v < LowEntropy);
        return run.Trend(Name) is { } trend && trend.First > 2 * LowEntropy && trend.Last < LowEntropy && first >= 0
            ? Since(run, first, Witness.Any, new DoctorFinding(
                "entropy-collapse", Severity.Warning, Invariant($"{Name} went from {trend.First:F3} to {trend.Last:F3} nats"),
                "rollouts hardly differ any more, so there is nothing left to compare",
                "lower optimizer.learningRate[, or raise {kl.coefficient}]"))
            : null;
    }

    private static DoctorFinding? Noise(RunFigures run)
    {
        const string Name = "policy/entropy";
        var column = run.Of(Name);
        if (run.Trend(Name) is not { } trend)
        {
            return null;
        }

        var limit = (2 * trend.First) + 0.5;
        return run.Late(Name) > limit
            ? Since(run, Array.FindIndex(column, v => v > limit), Witness.Any, new DoctorFinding(
                "entropy-rising", Severity.Warning, Invariant($"{Name} went from {trend.First:F3} to {column[^1]:F3} nats"),
                "the policy drifts into noise", "[raise {kl.coefficient}, or ]lower optimizer.learningRate"))
            : null;
    }

    private static DoctorFinding? Climb(RunFigures run)
    {
        const string Name = "rollout/length_mean";
        return run.Trend(Name) is { Rises: true } trend && trend.First < 0.7 * run.MaxTokens && trend.Last > 0.85 * run.MaxTokens
            ? Since(run, 0, Witness.Truncated, new DoctorFinding(
                "length-climbing", Severity.Warning,
                Invariant($"{Name} went from {trend.First:F0} to {trend.Last:F0} tokens; rollouts.maxTokens is {run.MaxTokens}"),
                "responses grow into the limit", "look at how they end; raise rollouts.maxTokens[, or set {truncation}]"))
            : null;
    }

    private static DoctorFinding? Truncated(RunFigures run)
    {
        const string Name = "rollout/truncated_share";
        var first = Array.FindIndex(run.Of(Name), v => v > 0.1);
        return first >= 0 && run.Of("kl/k1_token").Length > 0 && run.Late(Name) > 0.1
            ? Since(run, first, Witness.Truncated, new DoctorFinding(
                "truncated", Severity.Warning, Invariant($"{Name} is {run.Late(Name):F3} at the end of the run"),
                "many responses do not come to their end, so their answers are not read",
                "look at how they end; raise rollouts.maxTokens[, or raise {kl.coefficient}]"))
            : null;
    }

    /// <summary>Against the steps just before: gradients that shrink as a fresh model learns are no spikes.</summary>
    private static DoctorFinding? Spikes(RunFigures run)
    {
        const string Name = "optimizer/gradient_norm";
        var column = run.Of(Name);
        var places = Enumerable.Range(0, column.Length)
            .Where(i => i >= SettlingSteps && column[i] > Spike * Median(column[(i - SettlingSteps)..i])).ToArray();
        if (places.Length < 3)
        {
            return null;
        }

        long[] steps = [.. places.Select(i => run.Steps[i])];
        return new DoctorFinding(
            "gradient-spikes", Severity.Warning,
            Invariant($"{Name} was more than {Spike} times its median over the {SettlingSteps} steps before in {steps.Length} ")
                + $"steps: {string.Join(", ", steps.Take(5))}{(steps.Length > 5 ? ", …" : "")}",
            "single batches pull the weights far", "lower optimizer.learningRate, or take larger batches")
        {
            From = steps[0],
            To = steps[^1],
            Witness = Witness.Any,
        };
    }

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);

    private static DoctorFinding Since(RunFigures run, int first, Witness witness, DoctorFinding finding) =>
        finding with { From = run.Steps[first], To = run.Steps[^1], Witness = witness };

    private sealed record StreakRule(
        string Id, string Figure, Func<double, bool> Holds, int From, int Least, string Limit, string Meaning, string Remedy)
    {
        /// <summary>A figure that is not 0 in the steps that count; null for all steps.</summary>
        public string? Moved { get; init; }

        public static StreakRule Of(string figure, HealthyRange range) => new(
            range.Id, figure, range.IsBeyond, range.FirstStep, range.InARow, range.Beyond, range.Meaning, range.Remedy);
    }
}
