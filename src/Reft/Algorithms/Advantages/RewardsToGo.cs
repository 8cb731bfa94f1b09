using Reft.Rollouts;

namespace Reft.Algorithms.Advantages;

/// <summary>
/// The rewards that are still to come, <c>A_t = Σ_{i≥t} r_i - b</c>, over the sampled tokens from t on: what a value network is left out of.
/// </summary>
/// <param name="baseline">b of a rollout; null for 0.</param>
public sealed class RewardsToGo(Func<ScoredRollout, double>? baseline = null) : IAdvantageEstimator
{
    /// <inheritdoc/>
    public IReadOnlyList<Formula> Formulas { get; } =
    [
        new(
            "A_t = Σ_{i≥t} r_i - b", "Algorithms/Advantages/RewardsToGo: Estimate", "Hu 2025; Li 2023"),
    ];

    /// <inheritdoc/>
    public IReadOnlyList<AdvantageEstimate> Estimate(IReadOnlyList<Trajectory> trajectories, StepMetrics metrics) =>
        [.. trajectories.Select(t => new AdvantageEstimate(ToGo(t.Rewards, t.Sampled, baseline?.Invoke(t.Rollout) ?? 0), []))];

    private static double[] ToGo(double[] rewards, bool[] sampled, double baseline)
    {
        var advantages = new double[rewards.Length];
        var sum = 0.0;
        for (var t = rewards.Length - 1; t >= 0; t--)
        {
            if (sampled[t])
            {
                sum += rewards[t];
                advantages[t] = sum - baseline;
            }
        }

        return advantages;
    }
}
