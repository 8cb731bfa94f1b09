using Reft.Models;
using Reft.Numerics;
using Reft.Rollouts;

namespace Reft.Algorithms;

/// <summary>
/// A sequence with what its losses need: ragged plain data, one entry a response token, so that no padding exists. What an
/// algorithm does not use stays empty.
/// </summary>
public sealed class Trajectory
{
    /// <summary>Wraps a rollout.</summary>
    public Trajectory(ScoredRollout rollout)
    {
        Rollout = rollout;
        Sampled = rollout.Sampled;
    }

    /// <summary>The rollout.</summary>
    public ScoredRollout Rollout { get; }

    /// <summary>Which response tokens the policy drew [T].</summary>
    public bool[] Sampled { get; }

    /// <summary>The behaviour policy's log-probabilities [T].</summary>
    public float[] OldLogProbs { get; init; } = [];

    /// <summary>The reference's log-probabilities [T].</summary>
    public float[] ReferenceLogProbs { get; init; } = [];

    /// <summary>Old values of the states before each token [T].</summary>
    public float[] OldValues { get; init; } = [];

    /// <summary>Shaped rewards [T].</summary>
    public double[] Rewards { get; set; } = [];

    /// <summary>Advantages as the policy loss takes them [T].</summary>
    public float[] Advantages { get; set; } = [];

    /// <summary>Returns, the targets of the values [T].</summary>
    public float[] Returns { get; set; } = [];

    /// <summary>Whether the policy loss leaves this sequence out.</summary>
    public bool LeftOut { get; init; }

    /// <summary>Which tokens are learned, where that is not all that the policy drew [T]; null for those.</summary>
    public bool[]? Learned { get; init; }

    /// <summary>Which tokens count in the policy loss [T].</summary>
    public bool[] Counting => LeftOut ? new bool[Sampled.Length] : Learned ?? Sampled;

    /// <summary>The sequence as the policy evaluates it.</summary>
    public PolicySequence Sequence => new(Rollout.Tokens, Rollout.PromptLength)
    {
        Key = CounterRandom.Hash(0, Rollout.SampleId),
        Noise = Rollout.Noise,
    };
}
