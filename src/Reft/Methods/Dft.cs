using Reft.Algorithms;
using Reft.Algorithms.Preparations;
using Reft.Algorithms.Terms;

namespace Reft.Methods;

/// <summary>Options of <see cref="Dft"/>.</summary>
public sealed record DftOptions
{
    /// <summary>a, the power of a token's own probability that its loss is weighed by, at least 0; the paper's 1, and 0 for plain cross-entropy.</summary>
    [Option("the power of a token's own probability that its loss is weighed by; 0 is plain cross-entropy", AtLeast = 0, AtMost = 8)]
    public double Power { get; init => field = InRange.Of(this, value); } = 1;

    /// <summary>ε: a token whose loss is above so many nats teaches nothing, above 0; absent for no limit.</summary>
    [Option("a token whose loss is above so many nats teaches nothing (a trimmed likelihood); absent for no limit", Above = 0)]
    public double? Cap { get; init => field = InRange.Of(this, value); }

    /// <summary>How token losses are aggregated: over the number of tokens, never over the sum of their weights.</summary>
    [Option("how the losses of tokens become one number; weights do not count in the divisor")]
    public Aggregation Aggregation { get; init; } = Aggregation.TokenMean;

    /// <summary>The length of <see cref="Aggregation.SequenceSumConstant"/>, at least 1.</summary>
    [Option("the length of sequenceSumConstant", AtLeast = 1)]
    public int ConstantLength { get; init => field = InRange.Of(this, value); } = 512;
}

/// <summary>
/// Dynamic fine-tuning (<see href="https://arxiv.org/abs/2508.05629"/>, equation 9): cross-entropy whose tokens are weighed by their own probability,
/// <c>L = -Σ w_t sg(p_t)^a log p_t</c>. With a = 1 its gradient is <c>-∇p_t</c>: it raises probabilities, not their logarithms.
/// </summary>
internal static class Dft
{
    /// <summary>The method.</summary>
    internal static IMethod Method { get; } = new ImitationMethod<DftOptions>("dft", "dft", new DftOptions())
    {
        Summary = "cross-entropy on gold solutions, each token weighed by the probability that the model gives it",
        Citation = "Wu 2025, arXiv 2508.05629, equation 9",
        Guide = "Supervised fine-tuning that trusts the model: a token that it finds unlikely hardly counts, where cross-entropy would be pulled most. "
            + "Take it after a warm-up, on solutions with slips or of mixed style; it sharpens towards the most frequent way to go on, so look at "
            + "samples at temperature 1 and at the greedy answer. Do not take it to teach what the model has never seen: what has no probability "
            + "gets no gradient. With cap it is a trimmed likelihood: tokens beyond so many nats are left out.",
        Algorithm = Create,
        Aggregates = options => (options.Aggregation, options.ConstantLength),
    };

    /// <summary>Makes the algorithm.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static ComposedAlgorithm Create(DftOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new ComposedAlgorithm(new AlgorithmParts
        {
            Preparation = new Imitation(),
            Weighting = new AggregatedWeighting(options.Aggregation, options.ConstantLength),
            Terms = [new WeightedLikelihood(options.Power, options.Cap)],
        });
    }
}
