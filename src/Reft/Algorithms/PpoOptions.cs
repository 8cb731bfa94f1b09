namespace Reft.Algorithms;

/// <summary>PPO as ReFT does it, and its named alternatives.</summary>
public sealed record PpoOptions
{
    /// <summary>PPO epochs over a step's rollouts, U.</summary>
    [Option("PPO epochs over a step's rollouts", AtLeast = 1)]
    public int Epochs { get; init => field = InRange.Of(this, value); } = 2;

    /// <summary>Sequences of an optimizer step; 0 for the whole rollout batch (ReFT).</summary>
    [Option("sequences of an optimizer step", AtLeast = 0, Note = "0 is the whole batch")]
    public int MiniBatch { get; init => field = InRange.Of(this, value); }

    /// <summary>γ in [0, 1].</summary>
    [Option("γ", AtLeast = 0, AtMost = 1)]
    public double Discount { get; init => field = InRange.Of(this, value); } = 1;

    /// <summary>λ of GAE in [0, 1].</summary>
    [Option("λ of GAE", AtLeast = 0, AtMost = 1)]
    public double Lambda { get; init => field = InRange.Of(this, value); } = 0.95;

    /// <summary>The lower clip range ε of the ratio, in (0, 1).</summary>
    [Option("lower clip range of the ratio", Above = 0, Below = 1)]
    public double ClipLow { get; init => field = InRange.Of(this, value); } = 0.2;

    /// <summary>The upper clip range of the ratio, above 0.</summary>
    [Option("upper clip range of the ratio", Above = 0)]
    public double ClipHigh { get; init => field = InRange.Of(this, value); } = 0.2;

    /// <summary>c of the dual clip, above 1: bounds the loss of tokens that became likely and have a negative advantage; null for none.</summary>
    [Option("the loss of a token is at most this times the size of its advantage (dual clip); absent for no bound", Above = 1)]
    public double? DualClip { get; init => field = InRange.Of(this, value); }

    /// <summary>The clip range of values; null turns their clipping off.</summary>
    [Option("clip range of values; null turns it off", Above = 0)]
    public double? ValueClip { get; init => field = InRange.Of(this, value); } = 0.2;

    /// <summary>α, the weight of the value loss.</summary>
    [Option("weight of the value loss", AtLeast = 0)]
    public double ValueCoefficient { get; init => field = InRange.Of(this, value); } = 5;

    /// <summary>The KL penalty inside the reward.</summary>
    [Option("the KL penalty inside the reward")]
    public KlOptions Kl { get; init; } = new();

    /// <summary>Whether advantages are whitened over the rollout batch.</summary>
    [Option("whether advantages are whitened over the rollouts")]
    public bool WhitensAdvantages { get; init; } = true;

    /// <summary>How token losses are aggregated.</summary>
    [Option("how the losses of tokens become one number")]
    public Aggregation Aggregation { get; init; } = Aggregation.SequenceMeanTokenMean;

    /// <summary>The length of <see cref="Aggregation.SequenceSumConstant"/>.</summary>
    [Option("what sums over a sequence's tokens are divided by", AtLeast = 1, Note = "needs aggregation sequenceSumConstant")]
    public int ConstantLength { get; init => field = InRange.Of(this, value); } = 512;

    /// <summary>What truncated sequences get.</summary>
    [Option("what a completion without a stop token gets")]
    public TruncationPolicy Truncation { get; init; }

    /// <summary>The reward under <see cref="TruncationPolicy.FixedPenalty"/>.</summary>
    [Option("the reward of a completion without a stop token", Note = "needs truncation fixedPenalty")]
    public double TruncationReward { get; init => field = InRange.Of(this, value); }

    /// <summary>
    /// What the learning rate is multiplied by for the values' own parameters: the head, and its own network if it has one. A
    /// fresh head has farther to go than a policy that was warmed up.
    /// </summary>
    [Option("multiplies the learning rate for the value head, and its own network if it has one", Above = 0)]
    public double ValueRateFactor { get; init => field = InRange.Of(this, value); } = 1;

    /// <summary>First steps in which only the values learn: the head, and its own network if it has one.</summary>
    [Option("first steps in which only the value head learns, and its own network if it has one", AtLeast = 0)]
    public long ValueWarmupSteps { get; init => field = InRange.Of(this, value); }

    /// <summary>
    /// Leaves out the rest of a step once the mean of ½(Δ log π)² over a mini-batch exceeds this; null for never.
    /// </summary>
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
