namespace Reft.Methods;

/// <summary>Keys that several methods read and others do not.</summary>
public static class MethodKeys
{
    /// <summary>Of a method whose model writes: it is tested by its answers, and may be trained by adapters.</summary>
    public static IReadOnlyList<string> Writes { get; } =
    [
        "model.lora", "problems.test", "evaluation.maxTokens", "evaluation.samples", "evaluation.temperature", "evaluation.slots",
    ];

    /// <summary>Of a method that learns from what the policy writes.</summary>
    public static IReadOnlyList<string> RollsOut { get; } =
        ["rollouts", "reward", "invariants.rewardStuckSteps", "invariants.errorShare", "invariants.rewardCollapse"];

    /// <summary>Of a method that measures the KL of the policy to a reference.</summary>
    public static IReadOnlyList<string> HasReference { get; } = ["invariants.klLimit", "invariants.negativeKlErrors"];

    /// <summary>
    /// Of a method whose samples another sampler may draw: it weighs them by their advantages, and so can make up for the difference.
    /// </summary>
    public static IReadOnlyList<string> DrawsElsewhere { get; } = ["rollouts.server", "invariants.samplerKl"];

    /// <summary>Of a method that measures the policy's entropy.</summary>
    public static IReadOnlyList<string> HasEntropy { get; } = ["invariants.entropyFloor"];
}
