using Reft.Rollouts;

namespace Reft.Algorithms.Advantages;

/// <summary>
/// One advantage a sequence, relative to all of a step's (LatentR3, <see href="https://arxiv.org/abs/2505.19092"/>, section 4.3): <c>A = (R - b) / ‖R - b‖₂</c>,
/// R the sum of its rewards, b one mean for all, and the norm over the step's sequences. What its problem is worth on the whole counts too, so problems need
/// no second sample; where all are worth the same, nothing can be compared, and advantages are 0.
/// </summary>
/// <param name="isBaseline">Of which rollouts b is the mean; null for all of them.</param>
internal sealed class BatchAdvantages(Func<ScoredRollout, bool>? isBaseline = null) : IAdvantageEstimator
{
    /// <inheritdoc/>
    public IReadOnlyList<Formula> Formulas { get; } =
    [
        new("A = (R - b) / ‖R - b‖₂ over a step's sequences, b the mean of those without noise", "Algorithms/Advantages/BatchAdvantages: Relative", "Zhang 2025, section 4.3"),
    ];

    /// <inheritdoc/>
    public IReadOnlyList<Metric> Metrics { get; } =
        [new("batch/baseline", "b, the mean reward that the step's are compared with"), new("batch/norm", "‖R - b‖₂ over the step's sequences")];

    /// <inheritdoc/>
    public IReadOnlyList<AdvantageEstimate> Estimate(IReadOnlyList<Trajectory> trajectories, StepMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(trajectories);
        ArgumentNullException.ThrowIfNull(metrics);
        var rewards = trajectories.Select(trajectory => trajectory.Rewards.Sum()).ToArray();
        var counts = trajectories.Select(trajectory => isBaseline?.Invoke(trajectory.Rollout) ?? true).ToArray();
        var (relative, baseline, norm) = Relative(rewards, counts);
        metrics.Set("batch/baseline", baseline);
        metrics.Set("batch/norm", norm);
        return [.. trajectories.Select((trajectory, b) => new AdvantageEstimate([.. trajectory.Sampled.Select(s => s ? relative[b] : 0)], []))];
    }

    /// <summary>The advantages of a step's sequences.</summary>
    /// <param name="rewards">Their rewards [B].</param>
    /// <param name="counts">Of which the baseline is the mean [B]; at least one.</param>
    /// <returns>Advantages [B], the baseline, and what differences were divided by.</returns>
    internal static (double[] Advantages, double Baseline, double Norm) Relative(IReadOnlyList<double> rewards, IReadOnlyList<bool> counts)
    {
        var baseline = rewards.Where((_, b) => counts[b]).Average();
        // Compared and not subtracted: the mean of equal numbers may be another one.
        if (rewards.All(reward => reward == rewards[0]))
        {
            return (new double[rewards.Count], baseline, 0);
        }

        var norm = Math.Sqrt(rewards.Sum(reward => (reward - baseline) * (reward - baseline)));
        return ([.. rewards.Select(reward => (reward - baseline) / norm)], baseline, norm);
    }
}
