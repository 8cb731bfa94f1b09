namespace Reft.Algorithms;

/// <summary>How a policy is updated from a step's own samples, whatever the loss.</summary>
public sealed record UpdateOptions
{
    /// <summary>How often a step's samples are gone through, at least 1.</summary>
    [Option("how often a step's samples are gone through", AtLeast = 1)]
    public int Epochs { get; init => field = InRange.Of(this, value); } = 1;

    /// <summary>Sequences of an optimizer step; 0 for the whole rollout batch.</summary>
    [Option("sequences of an optimizer step", AtLeast = 0, Note = "0 is the whole batch")]
    public int MiniBatch { get; init => field = InRange.Of(this, value); }

    /// <summary>What truncated sequences get.</summary>
    [Option("what a completion without a stop token gets")]
    public TruncationPolicy Truncation { get; init; }

    /// <summary>The reward under <see cref="TruncationPolicy.FixedPenalty"/>.</summary>
    [Option("the reward of a completion without a stop token", Note = "needs truncation fixedPenalty")]
    public double TruncationReward { get; init => field = InRange.Of(this, value); }

    /// <summary>Leaves out the rest of a step once the mean of ½ (log ρ)² over a mini-batch exceeds this; null for never.</summary>
    [Option("leaves out the rest of a step once the policy moved further than this", Above = 0)]
    public double? TargetApproximateKl { get; init => field = InRange.Of(this, value); }

    /// <summary>
    /// How far the 99th percentile of |ρ - 1| may be from 0 before the first update; beyond it the run stops. null takes
    /// twice what rounding alone can do in the policy's dtype, layers and head.
    /// </summary>
    [Option("how far the ratios may be from 1 before the first update; absent for what rounding can do in the model's dtype", Above = 0)]
    public double? FirstRatioTolerance { get; init => field = InRange.Of(this, value); }

    /// <summary>Tokens that a forward pass without gradients takes at a time.</summary>
    [Option("tokens of a forward pass without gradients", AtLeast = 1)]
    public int EvaluationTokens { get; init => field = InRange.Of(this, value); } = 8192;
}
