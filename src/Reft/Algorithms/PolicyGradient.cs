using Reft.Algorithms.Advantages;
using Reft.Algorithms.Preparations;
using Reft.Algorithms.Terms;
using Reft.Models;

namespace Reft.Algorithms;

/// <summary>A policy gradient on the policy's own samples, without values: what group-relative methods and their kin choose.</summary>
public sealed record PolicyGradient
{
    /// <summary>How good samples were.</summary>
    public required IAdvantageEstimator Advantages { get; init; }

    /// <summary>The summands of the loss.</summary>
    public required IReadOnlyList<ILossTerm> Terms { get; init; }

    /// <summary>How token losses are aggregated.</summary>
    public required Aggregation Aggregation { get; init; }

    /// <summary>The length of <see cref="Aggregation.SequenceSumConstant"/>.</summary>
    public int ConstantLength { get; init; } = 1;

    /// <summary>Whether advantages are whitened over all tokens of the step.</summary>
    public bool Whitens { get; init; }

    /// <summary>The penalty of long responses; null for none.</summary>
    public LengthPenalty? Length { get; init; }

    /// <summary>Whether problems whose samples are all worth the same get no loss.</summary>
    public bool LeavesOutEqualGroups { get; init; }

    /// <summary>β of a KL penalty inside the reward; null for none there.</summary>
    public double? RewardKl { get; init; }

    /// <summary>The reference's log-probabilities of responses [B][T]; null for no reference.</summary>
    public Func<IReadOnlyList<PolicySequence>, float[][]>? Reference { get; init; }

    /// <summary>Makes another preparation of the plain one; null for that itself.</summary>
    internal Func<IPreparation, IPreparation>? Wraps { get; init; }

    /// <summary>Makes the algorithm.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public ComposedAlgorithm With(UpdateOptions update)
    {
        ArgumentNullException.ThrowIfNull(update);
        var preparation = new PolicyPreparation(Advantages)
        {
            Reference = Reference,
            Kl = RewardKl is { } beta ? new KlController(new KlOptions { Coefficient = beta }) : null,
            Rewards = new RewardShaping { Truncation = update.Truncation, TruncationReward = update.TruncationReward, Length = Length },
            LeavesOutEqualGroups = LeavesOutEqualGroups,
            Whitens = Whitens,
            EvaluationTokens = update.EvaluationTokens,
        };
        return new ComposedAlgorithm(new AlgorithmParts
        {
            Preparation = Wraps?.Invoke(preparation) ?? preparation,
            Weighting = new AggregatedWeighting(Aggregation, ConstantLength),
            Terms = Terms,
            Epochs = update.Epochs,
            MiniBatch = update.MiniBatch,
            KeepsGroups = LeavesOutEqualGroups,
            Ratio = new RatioOptions
            {
                FirstTolerance = update.FirstRatioTolerance,
                TargetApproximateKl = update.TargetApproximateKl,
            },
        });
    }
}
