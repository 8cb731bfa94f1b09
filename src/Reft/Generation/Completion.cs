namespace Reft.Generation;

/// <summary>Why a completion ended.</summary>
public enum FinishReason
{
    /// <summary>A stop token was drawn; it is the completion's last token.</summary>
    Stop,

    /// <summary>The most tokens allowed were drawn, or the context was full.</summary>
    Length,
}

/// <summary>What to complete: sample <paramref name="Sample"/> of problem <paramref name="Problem"/>.</summary>
/// <param name="Problem">Names the problem; part of the key of its random draws.</param>
/// <param name="Sample">Which sample of the problem; part of the key of its random draws.</param>
/// <param name="Prompt">The prompt's token ids; at least one.</param>
public sealed record GenerationRequest(ulong Problem, int Sample, int[] Prompt)
{
    /// <summary>
    /// How many of the prompt's tokens are the question's, where others were forced behind them, such as a hint: a latent slot stands between
    /// the two. null for all.
    /// </summary>
    public int? Asked { get; init; }
}

/// <summary>One completion: ids are the truth, text is a view of them.</summary>
/// <param name="Request">What was asked.</param>
/// <param name="Tokens">The drawn token ids [T], the stop token included.</param>
/// <param name="LogProbs">
/// The log-probability of every token [T] under the distribution that it was drawn from, or that before the filters
/// (<see cref="SamplingOptions.ScoresUnfiltered"/>); for a greedy completion,
/// which is not drawn, under the model's own distribution (temperature 1, no filters).
/// </param>
/// <param name="FinishReason">Why it ended.</param>
public sealed record Completion(GenerationRequest Request, int[] Tokens, float[] LogProbs, FinishReason FinishReason);
