using Reft.Generation;
using Reft.Numerics;
using Reft.Problems;
using Reft.Verification;
using Reft.Verification.Rewards;

namespace Reft.Rollouts;

/// <summary>
/// One sequence with what became of it: plain data, no tensors. Ids are the truth; the text is a view of them.
/// </summary>
public sealed record ScoredRollout
{
    /// <summary>Names the sample: unique in its batch.</summary>
    public required string SampleId { get; init; }

    /// <summary>The problem.</summary>
    public required Problem Problem { get; init; }

    /// <summary>Prompt and response: hint, sampled tokens with their stop token, feedback.</summary>
    public required int[] Tokens { get; init; }

    /// <summary>How many of the tokens are the prompt.</summary>
    public required int PromptLength { get; init; }

    /// <summary>The roles of the response's tokens [T].</summary>
    public required TokenRole[] Roles { get; init; }

    /// <summary>
    /// The sampler's log-probabilities of the response's tokens [T]; 0 where the policy did not draw the token. Empty for
    /// sequences that nobody drew, such as gold solutions.
    /// </summary>
    public float[] LogProbs { get; init; } = [];

    /// <summary>
    /// The log-probabilities that the sampler says it drew the response's tokens with [T], where that was another than the policy, whose own are
    /// <see cref="LogProbs"/> then; empty where the policy drew them.
    /// </summary>
    internal float[] SamplerLogProbs { get; init; } = [];

    /// <summary>What advantages are weighed by to make up for another sampler [T]; empty where the policy drew.</summary>
    internal float[] ImportanceWeights { get; init; } = [];

    /// <summary>The entropies of the policy's distributions [T] in nats, where another sampler drew; empty where the policy did.</summary>
    internal float[] Entropies { get; init; } = [];

    /// <summary>Why the sequence ended.</summary>
    public FinishReason FinishReason { get; init; }

    /// <summary>The response as text.</summary>
    public string Text { get; init; } = "";

    /// <summary>What the verifier said; null where there was nothing to verify.</summary>
    public Verdict? Verdict { get; init; }

    /// <summary>What it is worth: the sum of the rewards' parts.</summary>
    public double Reward { get; init; }

    /// <summary>What the policy's most likely completion from the same start is worth; null where nobody asked.</summary>
    public double? Baseline { get; init; }

    /// <summary>How likely the known answer is behind its thinking, in [0, 1]; null where no reward reads it.</summary>
    public double? KnownLikelihood { get; init; }

    /// <summary>What each reward gave; empty where the verdict alone pays.</summary>
    public IReadOnlyList<RewardPart> RewardParts { get; init; } = [];

    /// <summary>The training step of the policy that drew it.</summary>
    public long PolicyStep { get; init; }

    /// <summary>How much its likelihood counts where its source says so; 0 where it is not learned.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>Which attempt of several its last one is, counted from 1; 0 where there is but one.</summary>
    public int Turn { get; init; }

    /// <summary>What is added to its latent slot, of a model that has one; null for nothing.</summary>
    public SlotNoise? Noise { get; init; }

    /// <summary>Tokens of the response, T.</summary>
    public int ResponseLength => Tokens.Length - PromptLength;

    /// <summary>Whether it ended at its length and not at a stop token.</summary>
    public bool IsTruncated => FinishReason == FinishReason.Length;

    /// <summary>Which of the response's tokens the policy drew [T].</summary>
    public bool[] Sampled => [.. Roles.Select(r => r == TokenRole.Sampled)];
}
