using Reft.Algorithms.Advantages;
using Reft.Models;
using Reft.Rollouts;

namespace Reft.Algorithms.Preparations;

/// <summary>
/// Known answers as what latent slots are judged by (LatentR3, <see href="https://arxiv.org/abs/2505.19092"/>, section 4.3): a slot earns
/// <c>s = -exp(-mean_t log π(y_t | x, r))</c>, the negative perplexity of the answer y behind it; nothing is decoded and nothing verified.
/// </summary>
/// <param name="advantages">What becomes of the scores.</param>
/// <param name="tokens">Tokens that a forward pass without gradients takes at a time.</param>
internal sealed class LatentScores(IAdvantageEstimator advantages, int tokens) : IPreparation
{
    /// <inheritdoc/>
    public IReadOnlyList<Formula> Formulas =>
    [
        new("s = -exp(-mean_t log π(y_t | x, r)) of a known answer y behind a latent slot r", "Algorithms/Preparations/LatentScores: Perplexity", "Zhang 2025, section 4.3"),
        .. advantages.Formulas,
    ];

    /// <inheritdoc/>
    public IReadOnlyList<Metric> Metrics =>
    [
        new("latent/perplexity", "mean of exp(-mean log π) of known answers behind slots without noise"),
        new("latent/noised_perplexity", "mean of it behind slots with noise"),
        new("latent/better_share", "share of slots with noise behind which the answer is likelier than behind the one without"),
        .. advantages.Metrics,
    ];

    /// <inheritdoc/>
    public IReadOnlyList<Trajectory> Prepare(IReadOnlyList<ScoredRollout> rollouts, Policy policy, StepMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(rollouts);
        ArgumentNullException.ThrowIfNull(metrics);
        var logProbs = PolicyEvaluation.LogProbs(policy, [.. rollouts.Select(rollout => new Trajectory(rollout).Sequence)], tokens);
        var trajectories = rollouts.Select((rollout, b) =>
        {
            var score = -Perplexity(logProbs[b]);
            return new Trajectory(rollout with { Reward = score })
            {
                OldLogProbs = logProbs[b],
                Rewards = [.. new double[rollout.ResponseLength - 1], score],
            };
        }).ToArray();
        foreach (var (trajectory, estimate) in trajectories.Zip(advantages.Estimate(trajectories, metrics)))
        {
            trajectory.Advantages = [.. estimate.Values.Select(a => (float)a)];
        }

        Measure(trajectories, metrics);
        return trajectories;
    }

    /// <summary><c>exp(-mean_t log p_t)</c>, at least 1.</summary>
    /// <param name="logProbs">Log-probabilities of an answer's tokens [T].</param>
    internal static double Perplexity(IReadOnlyList<float> logProbs) => Math.Exp(-logProbs.Average(p => (double)p));

    private static void Measure(Trajectory[] trajectories, StepMetrics metrics)
    {
        var plain = trajectories.Where(t => t.Rollout.Noise is null).ToDictionary(t => t.Rollout.Problem.Id, t => t.Rollout.Reward, StringComparer.Ordinal);
        var noised = trajectories.Where(t => t.Rollout.Noise is not null).ToArray();
        metrics.Set("latent/perplexity", -plain.Values.Average());
        metrics.Set("latent/noised_perplexity", -noised.Average(t => t.Rollout.Reward));
        metrics.Set("latent/better_share", noised.Average(t => t.Rollout.Reward > plain[t.Rollout.Problem.Id] ? 1.0 : 0));
    }
}
