using Reft.Models;
using Reft.Rollouts;

namespace Reft.Algorithms.Preparations;

/// <summary>Every sequence is learned as it is.</summary>
public sealed class Imitation : IPreparation
{
    /// <inheritdoc/>
    public IReadOnlyList<Metric> Metrics { get; } = [new("tokens/learned", "tokens that are learned")];

    /// <inheritdoc/>
    public IReadOnlyList<Trajectory> Prepare(IReadOnlyList<ScoredRollout> rollouts, Policy policy, StepMetrics metrics)
    {
        var trajectories = rollouts.Select(r => new Trajectory(r)).ToArray();
        metrics.Set("tokens/learned", trajectories.Sum(t => t.Sampled.Count(s => s)));
        return trajectories;
    }

    /// <inheritdoc/>
    public IReadOnlyList<Trajectory> Again(IReadOnlyList<Trajectory> stored, double? klCoefficient, StepMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(stored);
        ArgumentNullException.ThrowIfNull(metrics);
        metrics.Set("tokens/learned", stored.Sum(t => t.Sampled.Count(s => s)));
        return [.. stored.Select(t => new Trajectory(t.Rollout) { OldLogProbs = t.OldLogProbs })];
    }
}
