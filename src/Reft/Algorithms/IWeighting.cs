namespace Reft.Algorithms;

/// <summary>How much every token counts in a mini-batch's loss.</summary>
public interface IWeighting
{
    /// <summary>The figures that it writes.</summary>
    IReadOnlyList<Metric> Metrics => [];

    /// <summary>The formulas that it computes.</summary>
    IReadOnlyList<Formula> Formulas => [];

    /// <summary>
    /// The weights of every token of a mini-batch [B][T], known before its first micro-batch, so that they do not depend on the split;
    /// 0 exactly where a token does not count, below 0 where its likelihood is to fall.
    /// </summary>
    float[][] Weigh(IReadOnlyList<Trajectory> miniBatch);
}

/// <summary>The tokens that count, aggregated by one rule over the mini-batch (<see cref="TokenWeights"/>).</summary>
/// <param name="aggregation">The rule.</param>
/// <param name="constantLength">The length of <see cref="Aggregation.SequenceSumConstant"/>.</param>
public sealed class AggregatedWeighting(Aggregation aggregation, int constantLength) : IWeighting
{
    /// <inheritdoc/>
    public IReadOnlyList<Formula> Formulas { get; } =
    [
        new(
            "the mean over a sequence's tokens, then over sequences; or another rule by name", "Algorithms/TokenWeights: Compute", "program") { Departure = "over the whole mini-batch, whatever the micro-batches" },
    ];

    /// <inheritdoc/>
    public float[][] Weigh(IReadOnlyList<Trajectory> miniBatch) =>
        TokenWeights.Compute([.. miniBatch.Select(t => t.Counting)], aggregation, constantLength);
}
