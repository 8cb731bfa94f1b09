using Reft.Algorithms.Advantages;
using Reft.Algorithms.Preparations;
using Reft.Algorithms.Terms;
using Reft.Models;

namespace Reft.Algorithms;

/// <summary>
/// PPO with a terminal reward from the verdict and a per-token KL penalty to a frozen reference inside the reward, as ReFT
/// does it (<see href="https://arxiv.org/abs/2401.08967"/>, section 3.2): generalised advantages, the clipped surrogate and the error
/// of the values.
/// </summary>
internal static class Ppo
{
    /// <summary>Makes the algorithm.</summary>
    /// <param name="options">The options.</param>
    /// <param name="reference">The frozen reference's log-probabilities of responses [B][T].</param>
    /// <param name="credit">Spreads the terminal reward over the tokens; null for all of it at the last.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static ComposedAlgorithm Create(PpoOptions options, Func<IReadOnlyList<PolicySequence>, float[][]> reference, Credit? credit = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new ComposedAlgorithm(new AlgorithmParts
        {
            Preparation = Preparation(options, reference, credit),
            Weighting = new AggregatedWeighting(options.Aggregation, options.ConstantLength),
            Terms =
            [
                new ClippedSurrogate(options.ClipLow, options.ClipHigh) { FirstStep = options.ValueWarmupSteps, DualClip = options.DualClip },
                new ValueError(options.ValueClip, options.ValueCoefficient, options.ValueWarmupSteps),
            ],
            Epochs = options.Epochs,
            MiniBatch = options.MiniBatch,
            Ratio = new RatioOptions
            {
                FirstTolerance = options.FirstRatioTolerance,
                TargetApproximateKl = options.TargetApproximateKl,
            },
        });
    }

    /// <summary>How a step's rollouts are prepared; without a reference stored ones can be worked out again.</summary>
    internal static PolicyPreparation Preparation(
        PpoOptions options, Func<IReadOnlyList<PolicySequence>, float[][]>? reference, Credit? credit = null) =>
        new(new GeneralizedAdvantages(options.Discount, options.Lambda))
        {
            Reference = reference,
            Kl = new KlController(options.Kl),
            Rewards = new RewardShaping { Truncation = options.Truncation, TruncationReward = options.TruncationReward, Credit = credit },
            Whitens = options.WhitensAdvantages,
            ValueRateFactor = options.ValueRateFactor,
            EvaluationTokens = options.EvaluationTokens,
        };
}
