using System.Globalization;
using Reft.Runs;
using Reft.Training;
using Reft.Training.Runs;

namespace Reft.Hosting.Training;

/// <summary>A run in words.</summary>
internal static class StepText
{
    /// <summary>The figures that matter most, in the order they are shown: metric, label, format.</summary>
    public static IReadOnlyList<(string Metric, string Label, string Format)> Key { get; } =
    [
        ("loss/nll", "loss", "F4"),
        ("reward/verdict_mean", "reward", "F3"),
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
        .Where(key => !double.IsNaN(step[key.Metric]))
        .Select(key => $"{key.Label} {step[key.Metric].ToString(key.Format, CultureInfo.InvariantCulture)}"));

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
