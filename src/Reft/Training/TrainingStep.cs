using Reft.Algorithms;

namespace Reft.Training;

/// <summary>What one training step did.</summary>
/// <param name="Step">Which, counted from 0.</param>
/// <param name="Trajectories">Its sequences with what their losses were made of.</param>
/// <param name="Metrics">Its figures; they depend on the config and the seed alone.</param>
/// <param name="Timings">Seconds by phase, rates and memory; they depend on the machine.</param>
public sealed record TrainingStep(
    long Step, IReadOnlyList<Trajectory> Trajectories, StepMetrics Metrics, StepMetrics Timings)
{
    /// <summary>Tokens of every micro-batch, by optimizer step.</summary>
    internal IReadOnlyList<int[]> Updates { get; init; } = [];

    /// <summary>A figure; NaN if there is none of that name.</summary>
    public double this[string name] => Metrics[name];
}
