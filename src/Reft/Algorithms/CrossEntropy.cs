using Reft.Algorithms.Preparations;
using Reft.Algorithms.Terms;

namespace Reft.Algorithms;

/// <summary>Options of <see cref="CrossEntropy"/>.</summary>
public sealed record CrossEntropyOptions
{
    /// <summary>How token losses are aggregated; ReFT's supervised phase takes the mean over all tokens of the batch.</summary>
    [Option("how the losses of tokens become one number")]
    public Aggregation Aggregation { get; init; } = Aggregation.TokenMean;

    /// <summary>The length of <see cref="Aggregation.SequenceSumConstant"/>, at least 1.</summary>
    [Option("what sums over a sequence's tokens are divided by", AtLeast = 1, Note = "needs aggregation sequenceSumConstant")]
    public int ConstantLength { get; init => field = InRange.Of(this, value); } = 512;
}

/// <summary>
/// Cross-entropy on the tokens to imitate: <c>L = -Σ w_t log π(a_t|s_t)</c> (ReFT, equation 1). The prompt and hints get
/// no loss; the stop token is learned.
/// </summary>
internal static class CrossEntropy
{
    /// <summary>Makes the algorithm.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static ComposedAlgorithm Create(CrossEntropyOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new ComposedAlgorithm(new AlgorithmParts
        {
            Preparation = new Imitation(),
            Weighting = new AggregatedWeighting(options.Aggregation, options.ConstantLength),
            Terms = [new LogLikelihood()],
        });
    }
}
