using System.Globalization;
using Reft.Runs;
using Reft.Training;
using Reft.Training.Runs;

namespace Reft.Hosting.Training;

/// <summary>A run in words.</summary>
internal static class StepText
{
    private const string Verdict = "reward/verdict_mean";
    private const string Greedy = "reward/greedy_mean"; // A baseline's.

    /// <summary>The figures that matter most, in the order they are shown: metric, label, format.</summary>
    public static IReadOnlyList<(string Metric, string Label, string Format)> Key { get; } =
    [
        ("loss/nll", "loss", "F4"),
        (Verdict, "reward", "F3"),
        ("verdict/correct_share", "correct", "P0"),
        ("kl/k1_sequence", "KL", "F3"),
        ("policy/entropy", "entropy", "F3"),
        ("rollout/length_mean", "length", "F0"),
        ("value/explained_variance", "expl. var.", "F2"),
        ("optimizer/gradient_norm", "gradient", "G3"),
        ("optimizer/learning_rate", "rate", "0.0e-0"),
    ];

    public static string Opening(TrainingRun run) => string.Create(
        CultureInfo.InvariantCulture,
        $"{run.Config.Method}: {run.Steps} steps, {run.TrainedParameters / 1e6:F2} M trained parameters, into {run.Config.Run}");

    public static string Figures(TrainingStep step) => string.Join("  ", Key
        .Select(key => (key.Label, key.Format, Value: key.Metric == Verdict ? Reward(step) : step[key.Metric]))
        .Where(key => !double.IsNaN(key.Value))
        .Select(key => $"{key.Label} {key.Value.ToString(key.Format, CultureInfo.InvariantCulture)}"));

    /// <summary>The mean reward: of all parts, where the verdict's is not the only one. NaN where nothing is rewarded.</summary>
    private static double Reward(TrainingStep step)
    {
        var parts = step.Metrics.All.Where(pair =>
            pair.Key.StartsWith("reward/", StringComparison.Ordinal) && pair.Key.EndsWith("_mean", StringComparison.Ordinal) && pair.Key != Greedy).ToArray();
        return parts.Length == 0 ? double.NaN : parts.Sum(pair => pair.Value);
    }

    public static string Ending(TrainingRun run, RunOutcome outcome)
    {
        var best = outcome.Best is { } found
            ? string.Create(CultureInfo.InvariantCulture, $" Best on dev: {found.Accuracy:P1} after step {found.Step}.")
            : "";
        return outcome.End == RunEnd.Finished
            ? $"Finished {outcome.Step} steps in {run.Config.Run}.{best}"
            : $"Stopped after step {outcome.Step} of {run.Steps}; everything is saved.{best}";
    }
}
