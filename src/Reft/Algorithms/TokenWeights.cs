namespace Reft.Algorithms;

/// <summary>How the losses of tokens become one number; it is part of the algorithm, so it has a name.</summary>
public enum Aggregation
{
    /// <summary>The mean over each sequence's tokens, then over sequences (ReFT, GRPO).</summary>
    SequenceMeanTokenMean,

    /// <summary>The mean over all tokens (PPO, DAPO).</summary>
    TokenMean,

    /// <summary>The sum over each sequence's tokens, then the mean over sequences.</summary>
    SequenceMeanTokenSum,

    /// <summary>The sum over all tokens, divided by sequences × a constant length (Dr. GRPO).</summary>
    SequenceSumConstant,
}

/// <summary>
/// The weight of every token in a mini-batch's loss. The weights are known before the first micro-batch, so the sum of
/// weighted losses, and its gradient, do not depend on how the mini-batch is split.
/// </summary>
internal static class TokenWeights
{
    /// <summary>Computes the weights.</summary>
    /// <param name="masks">For each sequence which tokens count.</param>
    /// <param name="aggregation">How they are aggregated.</param>
    /// <param name="constantLength">The length of <see cref="Aggregation.SequenceSumConstant"/>.</param>
    /// <returns>Weights of the masks' shape; 0 where a token does not count.</returns>
    public static float[][] Compute(IReadOnlyList<bool[]> masks, Aggregation aggregation, int constantLength = 1)
    {
        var total = Math.Max(1, masks.Sum(m => m.Count(counts => counts)));
        return [.. masks.Select(mask =>
        {
            var own = Math.Max(1, mask.Count(counts => counts));
            var weight = aggregation switch
            {
                Aggregation.SequenceMeanTokenMean => 1.0 / ((double)masks.Count * own),
                Aggregation.TokenMean => 1.0 / total,
                Aggregation.SequenceMeanTokenSum => 1.0 / masks.Count,
                Aggregation.SequenceSumConstant => 1.0 / ((double)masks.Count * constantLength),
                _ => throw new ArgumentOutOfRangeException(nameof(aggregation), aggregation, "not an aggregation"),
            };
            return mask.Select(counts => counts ? (float)weight : 0f).ToArray();
        })];
    }
}
