namespace Reft.Algorithms;

/// <summary>PPO as ReFT does it, and its named alternatives.</summary>
public sealed record PpoOptions
{
    /// <summary>PPO epochs over a step's rollouts, U.</summary>
    public int Epochs { get; init; } = 2;

    /// <summary>Sequences of an optimizer step; 0 for the whole rollout batch (ReFT).</summary>
    public int MiniBatch { get; init; }

    /// <summary>γ in [0, 1].</summary>
    public double Discount { get; init; } = 1;

    /// <summary>λ of GAE in [0, 1].</summary>
    public double Lambda { get; init; } = 0.95;

    /// <summary>The lower clip range ε of the ratio, in (0, 1).</summary>
    public double ClipLow { get; init; } = 0.2;

    /// <summary>The upper clip range of the ratio, above 0.</summary>
    public double ClipHigh { get; init; } = 0.2;

    /// <summary>The clip range of values; null turns their clipping off.</summary>
    public double? ValueClip { get; init; } = 0.2;

    /// <summary>α, the weight of the value loss.</summary>
    public double ValueCoefficient { get; init; } = 5;

    /// <summary>The KL penalty inside the reward.</summary>
    public KlOptions Kl { get; init; } = new();

    /// <summary>Whether advantages are whitened over the rollout batch.</summary>
    public bool WhitensAdvantages { get; init; } = true;

    /// <summary>How token losses are aggregated.</summary>
    public Aggregation Aggregation { get; init; } = Aggregation.SequenceMeanTokenMean;

    /// <summary>The length of <see cref="Aggregation.SequenceSumConstant"/>.</summary>
    public int ConstantLength { get; init; } = 512;

    /// <summary>What truncated sequences get.</summary>
    public TruncationPolicy Truncation { get; init; }

    /// <summary>The reward under <see cref="TruncationPolicy.FixedPenalty"/>.</summary>
    public double TruncationReward { get; init; }

    /// <summary>
    /// What the learning rate is multiplied by for the values' own parameters: the head, and its own network if it has one. A
    /// fresh head has farther to go than a policy that was warmed up.
    /// </summary>
    public double ValueRateFactor { get; init; } = 1;

    /// <summary>First steps in which only the values learn: the head, and its own network if it has one.</summary>
    public long ValueWarmupSteps { get; init; }

    /// <summary>
    /// Leaves out the rest of a step once the mean of ½(Δ log π)² over a mini-batch exceeds this; null for never.
    /// </summary>
    public double? TargetApproximateKl { get; init; }

    /// <summary>
    /// How far the 99th percentile of |ρ - 1| may be from 0 before the first update; beyond it the run stops. null takes 1e-3
    /// for float32 and 0.1 for bfloat16.
    /// </summary>
    public double? FirstRatioTolerance { get; init; }

    /// <summary>Tokens that a forward pass without gradients takes at a time.</summary>
    public int EvaluationTokens { get; init; } = 8192;

    /// <summary>Every error of the options; empty if there is none.</summary>
    public IReadOnlyList<string> Validate(string path)
    {
        var errors = new List<string>();
        Check(Epochs >= 1, "epochs", Epochs, "at least 1");
        Check(MiniBatch >= 0, "miniBatch", MiniBatch, "at least 0 (0 is the whole batch)");
        Check(Discount is >= 0 and <= 1, "discount", Discount, "between 0 and 1");
        Check(Lambda is >= 0 and <= 1, "lambda", Lambda, "between 0 and 1");
        Check(ClipLow is > 0 and < 1, "clipLow", ClipLow, "between 0 and 1");
        Check(ClipHigh > 0, "clipHigh", ClipHigh, "above 0");
        Check(ValueClip is null or > 0, "valueClip", ValueClip ?? 0, "above 0, or absent");
        Check(ValueCoefficient >= 0, "valueCoefficient", ValueCoefficient, "at least 0");
        errors.AddRange(Kl.Validate($"{path}.kl"));
        Check(ConstantLength >= 1, "constantLength", ConstantLength, "at least 1");
        Check(ValueRateFactor > 0, "valueRateFactor", ValueRateFactor, "above 0");
        Check(ValueWarmupSteps >= 0, "valueWarmupSteps", ValueWarmupSteps, "at least 0");
        Check(TargetApproximateKl is null or > 0, "targetApproximateKl", TargetApproximateKl ?? 0, "above 0, or absent");
        Check(FirstRatioTolerance is null or > 0, "firstRatioTolerance", FirstRatioTolerance ?? 0, "above 0, or absent");
        Check(EvaluationTokens >= 1, "evaluationTokens", EvaluationTokens, "at least 1");
        return errors;

        void Check(bool holds, string name, double value, string expected)
        {
            if (!holds)
            {
                errors.Add(FormattableString.Invariant($"{path}.{name} is {value}: it must be {expected}"));
            }
        }
    }
}
