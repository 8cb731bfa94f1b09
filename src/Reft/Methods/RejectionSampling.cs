using Reft.Algorithms;
using Reft.Algorithms.Preparations;
using Reft.Algorithms.Terms;

namespace Reft.Methods;

/// <summary>Options of <see cref="RejectionSampling"/>.</summary>
public sealed record RejectionSamplingOptions
{
    /// <summary>The most different correct samples of a problem that are learned; absent for all.</summary>
    [Option("the most different correct samples of a problem that are learned; absent for all", AtLeast = 1)]
    public int? MostPerProblem { get; init => field = InRange.Of(this, value); }

    /// <summary>How often a step's samples are gone through, at least 1.</summary>
    [Option("how often a step's samples are gone through", AtLeast = 1)]
    public int Epochs { get; init => field = InRange.Of(this, value); } = 1;

    /// <summary>Sequences of an optimizer step, those that are thrown away not counted; 0 for all of the step's.</summary>
    [Option("sequences of an optimizer step, learned ones", AtLeast = 0, Note = "0 is the whole batch")]
    public int MiniBatch { get; init => field = InRange.Of(this, value); }
}

/// <summary>
/// Rejection sampling: cross-entropy on the policy's own correct samples, each text once
/// (RAFT, <see href="https://arxiv.org/abs/2304.06767"/>, algorithm 1; RFT, <see href="https://arxiv.org/abs/2308.01825"/>, section 3.3).
/// </summary>
internal static class RejectionSampling
{
    /// <summary>The method.</summary>
    internal static IMethod Method { get; } = new OwnSamplesMethod<RejectionSamplingOptions>(
        "rejection-sampling", "rejectionSampling", new RejectionSamplingOptions())
    {
        Summary = "cross-entropy on the policy's own correct samples, each text once; the others are thrown away",
        Citation = "Dong 2023, arXiv 2304.06767, algorithm 1; Yuan 2023, arXiv 2308.01825, section 3.3",
        Guide = "The correct ones of the policy's own samples are learned like solutions, each text once, and the wrong ones are thrown "
            + "away: the steadiest of the methods that sample, and one that cannot learn from failures. Take it as the baseline that "
            + "reinforcement has to beat, or where a reward can be fooled.",
        Also = ["model.dropout"],
        UpdateSection = "rejectionSampling",
        Update = options => new() { Epochs = options.Epochs, MiniBatch = options.MiniBatch },
        Algorithm = (options, _, _) => Create(options),
    };

    /// <summary>Makes the algorithm.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static ComposedAlgorithm Create(RejectionSamplingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new ComposedAlgorithm(new AlgorithmParts
        {
            Preparation = new CorrectSamples(options.MostPerProblem),
            Weighting = new AggregatedWeighting(Aggregation.TokenMean, 1),
            Terms = [new LogLikelihood()],
            Epochs = options.Epochs,
            MiniBatch = options.MiniBatch,
            KeepsGroups = true,
        });
    }
}
