using Reft.Diagnosis;

namespace Reft.Tests.Diagnosis;

/// <summary>Figures of a run in which nothing is wrong, to spoil one of.</summary>
internal static class MadeFigures
{
    public const int Steps = 72;

    public static RunFigures Healthy() => new(
        [.. Enumerable.Range(0, Steps).Select(i => (long)i)],
        new Dictionary<string, double[]>
        {
            ["reward/terminal"] = Line(0.25, 0.65),
            ["verdict/correct_share"] = Line(0.2, 0.62),
            ["verdict/incorrect_share"] = Line(0.5, 0.3),
            ["verdict/no_answer_share"] = Line(0.1, 0.03),
            ["verdict/error_share"] = Line(0.2, 0.05),
            ["kl/k1_sequence"] = Line(0, 6),
            ["kl/k1_token"] = Line(0, 0.1),
            ["policy/entropy"] = Line(0.5, 0.3),
            ["ppo/clip_fraction"] = Line(0.02, 0.1),
            ["ppo/approx_kl"] = Line(0.001, 0.01),
            ["value/explained_variance"] = Line(-0.1, 0.6),
            ["optimizer/gradient_norm"] = Line(1, 0.8),
            ["optimizer/changed_share"] = Line(0.99, 0.99),
            ["optimizer/skipped"] = Line(0, 0),
            ["rollout/length_mean"] = Line(50, 55),
            ["rollout/truncated_share"] = Line(0.01, 0.01),
        },
        Dev(0.3, 0.45, 0.5), 100);

    public static RunFigures With(string name, double[] column)
    {
        var healthy = Healthy();
        return healthy with { Columns = new Dictionary<string, double[]>(healthy.Columns) { [name] = column } };
    }

    public static KeyValuePair<long, double>[] Dev(params double[] accuracies) =>
        [.. accuracies.Select((accuracy, i) => KeyValuePair.Create(i * 24L, accuracy))];

    /// <summary>A line with a wiggle of a hundredth of its height: real figures are never smooth.</summary>
    public static double[] Line(double first, double last) => [.. Enumerable.Range(0, Steps).Select(i =>
        first + ((last - first) * i / (Steps - 1)) + (0.01 * (last - first) * (i % 3)))];

    /// <summary>A constant with some entries put in.</summary>
    public static double[] Spiked(double level, double spike, params int[] at) =>
        [.. Enumerable.Range(0, Steps).Select(i => at.Contains(i) ? spike : level)];
}
