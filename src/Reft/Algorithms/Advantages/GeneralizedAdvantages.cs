using Reft.Numerics;

namespace Reft.Algorithms.Advantages;

/// <summary>Generalised advantage estimation (<see href="https://arxiv.org/abs/1506.02438"/>, equations 11 to 16).</summary>
/// <param name="discount">γ in [0, 1].</param>
/// <param name="lambda">λ in [0, 1].</param>
internal sealed class GeneralizedAdvantages(double discount, double lambda) : IAdvantageEstimator
{
    /// <inheritdoc/>
    public bool NeedsValues => true;

    /// <inheritdoc/>
    public IReadOnlyList<Metric> Metrics { get; } =
    [
        new("value/explained_variance", "1 - Var(R-V)/Var(R): 1 is perfect, 0 no better than the mean")
        {
            Chart = new("Values and advantages", "Explained variance") { Label = "explained" },
            // Just below 0 is a head that has learned nothing yet, which does no harm.
            Healthy = new(
                "explained-variance", "the values are worse than one number for all states, so advantages are noisier than they need be",
                "raise {valueCoefficient}, set model.zeroValueHead, or give {valueWarmupSteps} and {valueRateFactor}")
            {
                Least = -0.1, FirstStep = 20, InARow = 20,
            },
        },
        new("value/return_mean", "mean of R") { Chart = new("Values and advantages", "Values") { Label = "returns" } },
    ];

    /// <inheritdoc/>
    public IReadOnlyList<Formula> Formulas { get; } =
    [
        new(
            "δ_t = r_t + γ V_{t+1} - V_t, A_t = δ_t + γλ A_{t+1}; returns A_t + V_t, before whitening", "Algorithms/Advantages/GeneralizedAdvantages: Estimate", "Schulman 2016, equations 11–16; program: γ = 1, λ = 0.95") { Departure = "steps that are no action are skipped: one γλ an action" },
    ];

    /// <inheritdoc/>
    public IReadOnlyList<AdvantageEstimate> Estimate(IReadOnlyList<Trajectory> trajectories, StepMetrics metrics)
    {
        var estimates = trajectories.Select(t => Estimate(
            t.Rewards, [.. t.OldValues.Select(v => (double)v)], t.Sampled, discount, lambda)).ToArray();
        var masks = trajectories.Select(t => t.Counting).ToArray();
        double[][] returns = [.. estimates.Select(e => e.Returns)];
        metrics.Set("value/return_mean", Masked.Mean(returns, masks));
        metrics.Set("value/explained_variance", ExplainedVariance([.. estimates.Select(e => e.Values)], returns, masks));
        return estimates;
    }

    /// <summary>
    /// <c>δ_t = r_t + γ V_{t+1} - V_t</c>, <c>A_t = δ_t + γλ A_{t+1}</c>. Steps that are no action (a hint, feedback) are
    /// skipped: exactly one γλ is paid for each action. After the last action the value is 0.
    /// </summary>
    /// <param name="rewards">Rewards r [T].</param>
    /// <param name="values">Old values V [T]: of the state before action t.</param>
    /// <param name="actions">Which steps are actions of the policy [T].</param>
    /// <param name="discount">γ in [0, 1].</param>
    /// <param name="lambda">λ in [0, 1].</param>
    /// <returns>Advantages and returns A + V [T], with the old values; 0 at steps that are no action.</returns>
    public static AdvantageEstimate Estimate(
        ReadOnlySpan<double> rewards, ReadOnlySpan<double> values, ReadOnlySpan<bool> actions, double discount, double lambda)
    {
        var advantages = new double[rewards.Length];
        var returns = new double[rewards.Length];
        var nextValue = 0.0;
        var nextAdvantage = 0.0;
        for (var t = rewards.Length - 1; t >= 0; t--)
        {
            if (!actions[t])
            {
                continue;
            }

            var delta = rewards[t] + (discount * nextValue) - values[t];
            advantages[t] = delta + (discount * lambda * nextAdvantage);
            returns[t] = advantages[t] + values[t];
            nextValue = values[t];
            nextAdvantage = advantages[t];
        }

        return new AdvantageEstimate(advantages, returns);
    }

    /// <summary><c>1 - Var(R - V)/Var(R)</c>; R - V are the advantages.</summary>
    private static double ExplainedVariance(double[][] advantages, double[][] returns, bool[][] masks)
    {
        var variance = Masked.Variance(returns, masks);
        return variance > 0 ? 1 - (Masked.Variance(advantages, masks) / variance) : double.NaN;
    }
}
