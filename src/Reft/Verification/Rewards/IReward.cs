using Reft.Answers;
using Reft.Problems;

namespace Reft.Verification.Rewards;

/// <summary>A part of a sample's reward; a sample's reward is the sum of the parts that a config lists, each logged under its name.</summary>
public interface IReward : INamed
{
    /// <summary>What a sample earns; a finite number.</summary>
    double Pay(JudgedSample sample);

    /// <summary>Whether what a sample earns depends on how accurate its step and the one before were (<see cref="JudgedSample.Batch"/>).</summary>
    bool ReadsBatch => false;

    /// <summary>Whether what a sample earns depends on how likely the known answer is behind its thinking (<see cref="JudgedSample.KnownLikelihood"/>).</summary>
    bool ReadsKnownAnswer => false;
}

/// <summary>A sample with its verdict.</summary>
/// <param name="Problem">The problem.</param>
/// <param name="Response">The whole response: what the prompt gave of it, a hint, what the policy wrote.</param>
/// <param name="Verdict">What the verifier said.</param>
/// <param name="Style">What answers are.</param>
/// <param name="IsTruncated">Whether it ended at its length and not at a stop token.</param>
public sealed record JudgedSample(Problem Problem, string Response, Verdict Verdict, AnswerStyle Style, bool IsTruncated)
{
    /// <summary>How accurate the samples that were drawn with it are.</summary>
    public BatchAccuracy Batch { get; init; } = new(0, 0);

    /// <summary>How likely the known answer is behind the response's thinking, a token on the geometric mean, in [0, 1]; 0 where no reward reads it.</summary>
    public double KnownLikelihood { get; init; }
}

/// <summary>The share of a step's samples that is correct, and that of the step before.</summary>
/// <param name="Accuracy">Of the samples that were drawn together, in [0, 1].</param>
/// <param name="Before">Of the step before; 0 where there is none.</param>
public sealed record BatchAccuracy(double Accuracy, double Before);

/// <summary>What one reward gave.</summary>
/// <param name="Name">The reward's.</param>
/// <param name="Worth">What it gave.</param>
public sealed record RewardPart(string Name, double Worth);

/// <summary>Rewards together.</summary>
internal static class Rewarding
{
    /// <summary>What each reward gives a sample, in their order.</summary>
    public static IReadOnlyList<RewardPart> Parts(IReadOnlyList<IReward> rewards, JudgedSample sample) =>
        [.. rewards.Select(reward => new RewardPart(reward.Name, reward.Pay(sample)))];

    /// <summary>The parts that are logged beside their sum: all, but for the verdict alone, whose sum is the part.</summary>
    public static IReadOnlyList<RewardPart> Logged(IReadOnlyList<RewardPart> parts) => parts is [{ Name: RewardRule.VerdictName }] ? [] : parts;
}
