using Reft.Generation;

namespace Reft.Rollouts;

/// <summary>What the policy says of the tokens of a completion that another sampler drew.</summary>
/// <param name="LogProbs">Their log-probabilities [T].</param>
/// <param name="Entropies">The entropies of the distributions that they would have been drawn from [T], in nats.</param>
internal readonly record struct ForeignScores(float[] LogProbs, float[] Entropies);

/// <summary>A sampler that is not the policy itself.</summary>
internal sealed record ForeignSampler
{
    /// <summary>Brings the policy's weights to it before the draws of a step.</summary>
    public required Action<long, CancellationToken> Begin { get; init; }

    /// <summary>What the policy says of completions.</summary>
    public required Func<IReadOnlyList<Completion>, IReadOnlyList<ForeignScores>> Score { get; init; }

    /// <summary>The weights that make up for the difference [T], given the log-probabilities of policy and sampler of drawn tokens.</summary>
    public required Func<float[], float[], float[]> Weigh { get; init; }
}
