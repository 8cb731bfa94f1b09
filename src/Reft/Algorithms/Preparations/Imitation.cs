using Reft.Models;
using Reft.Rollouts;

namespace Reft.Algorithms.Preparations;

/// <summary>Every sequence is learned as it is.</summary>
public sealed class Imitation : IPreparation
{
    /// <inheritdoc/>
    public IReadOnlyList<Trajectory> Prepare(IReadOnlyList<ScoredRollout> rollouts, Policy policy, StepMetrics metrics)
    {
        var trajectories = rollouts.Select(r => new Trajectory(r)).ToArray();
        metrics.Set("tokens/learned", trajectories.Sum(t => t.Sampled.Count(s => s)));
        return trajectories;
    }
}
