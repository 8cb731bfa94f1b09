using Reft.Numerics;

namespace Reft.Algorithms.Advantages;

/// <summary>
/// Advantages less <c>β (KL_b - mean KL)</c>: what a sequence's distance from the reference, <c>KL_b = Σ_t k1</c>, is above that of the step's others. Its mean
/// over the step is 0, so that the penalty says which way to go and not how good the step was.
/// </summary>
/// <param name="inner">The advantages.</param>
/// <param name="coefficient">β, at least 0.</param>
internal sealed class CentredKl(IAdvantageEstimator inner, double coefficient) : IAdvantageEstimator
{
    /// <inheritdoc/>
    public bool NeedsValues => inner.NeedsValues;

    /// <inheritdoc/>
    public IReadOnlyList<Metric> Metrics => inner.Metrics;

    /// <inheritdoc/>
    public IReadOnlyList<Formula> Formulas =>
        [.. inner.Formulas, new("A_b - β (KL_b - mean KL), KL_b = Σ_t k1", "Algorithms/Advantages/CentredKl: Of", "Hou 2025, section 3")];

    /// <inheritdoc/>
    public IReadOnlyList<AdvantageEstimate> Estimate(IReadOnlyList<Trajectory> trajectories, StepMetrics metrics)
    {
        var estimates = inner.Estimate(trajectories, metrics);
        var learned = trajectories.Select(t => !t.LeftOut).ToArray();
        var parts = Of(trajectories, learned);
        return [.. estimates.Select((estimate, b) => estimate with
        {
            Values = [.. estimate.Values.Select((value, t) => trajectories[b].Sampled[t] ? value - (coefficient * parts[b]) : value)],
        })];
    }

    /// <summary>KL_b less its mean over those that are learned; 0 of the others.</summary>
    internal static double[] Of(IReadOnlyList<Trajectory> trajectories, bool[] learned)
    {
        var all = trajectories.Select(trajectory => Enumerable.Range(0, trajectory.Sampled.Length).Where(t => trajectory.Sampled[t])
            .Sum(t => KullbackLeibler.K1(trajectory.OldLogProbs[t], trajectory.ReferenceLogProbs[t]))).ToArray();
        var mean = all.Where((_, b) => learned[b]).DefaultIfEmpty(0).Average();
        return [.. all.Select((kl, b) => learned[b] ? kl - mean : 0)];
    }
}
