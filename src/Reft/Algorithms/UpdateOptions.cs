namespace Reft.Algorithms;

/// <summary>How a policy is updated from a step's own samples, whatever the loss.</summary>
public sealed record UpdateOptions
{
    /// <summary>How often a step's samples are gone through, at least 1.</summary>
    public int Epochs { get; init; } = 1;

    /// <summary>Sequences of an optimizer step; 0 for the whole rollout batch.</summary>
    public int MiniBatch { get; init; }

    /// <summary>What truncated sequences get.</summary>
    public TruncationPolicy Truncation { get; init; }

    /// <summary>The reward under <see cref="TruncationPolicy.FixedPenalty"/>.</summary>
    public double TruncationReward { get; init; }

    /// <summary>Leaves out the rest of a step once the mean of ½ (log ρ)² over a mini-batch exceeds this; null for never.</summary>
    public double? TargetApproximateKl { get; init; }

    /// <summary>
    /// How far the 99th percentile of |ρ - 1| may be from 0 before the first update; beyond it the run stops. null takes 1e-3
    /// for float32 and 0.1 for bfloat16.
    /// </summary>
    public double? FirstRatioTolerance { get; init; }

    /// <summary>Tokens that a forward pass without gradients takes at a time.</summary>
    public int EvaluationTokens { get; init; } = 8192;

    /// <summary>Every error of the options; empty if there is none.</summary>
    public IReadOnlyList<string> Validate(string path) => OptionErrors.Of(
        path,
        (Epochs >= 1, "epochs", Epochs, "at least 1"),
        (MiniBatch >= 0, "miniBatch", MiniBatch, "at least 0 (0 is the whole batch)"),
        (TargetApproximateKl is null or > 0, "targetApproximateKl", TargetApproximateKl ?? 0, "above 0, or absent"),
        (FirstRatioTolerance is null or > 0, "firstRatioTolerance", FirstRatioTolerance ?? 0, "above 0, or absent"),
        (EvaluationTokens >= 1, "evaluationTokens", EvaluationTokens, "at least 1"));
}
