using Reft.Algorithms;
using Reft.Algorithms.Preparations;
using Reft.Algorithms.Terms;

namespace Reft.Methods;

/// <summary>Options of <see cref="RejectionSampling"/>.</summary>
public sealed record RejectionSamplingOptions
{
    /// <summary>The most different correct samples of a problem that are learned; absent for all.</summary>
    public int? MostPerProblem { get; init; }

    /// <summary>How often a step's samples are gone through, at least 1.</summary>
    public int Epochs { get; init; } = 1;

    /// <summary>Sequences of an optimizer step, those that are thrown away not counted; 0 for all of the step's.</summary>
    public int MiniBatch { get; init; }

    /// <summary>Every error of the options; empty if there is none.</summary>
    public IReadOnlyList<string> Validate(string path) => OptionErrors.Of(
        path,
        (MostPerProblem is null or >= 1, "mostPerProblem", MostPerProblem ?? 0, "at least 1, or absent"),
        (Epochs >= 1, "epochs", Epochs, "at least 1"),
        (MiniBatch >= 0, "miniBatch", MiniBatch, "at least 0 (0 is the whole batch)"));
}

/// <summary>
/// Rejection sampling: cross-entropy on the policy's own correct samples, each text once
/// (RAFT, <see href="https://arxiv.org/abs/2304.06767"/>, algorithm 1; RFT, <see href="https://arxiv.org/abs/2308.01825"/>, section 3.3).
/// </summary>
public static class RejectionSampling
{
    /// <summary>The method.</summary>
    internal static IMethod Method { get; } = new OwnSamplesMethod<RejectionSamplingOptions>(
        "rejection-sampling", "rejectionSampling", new RejectionSamplingOptions())
    {
        Summary = "cross-entropy on the policy's own correct samples, each text once; the others are thrown away",
        Citation = "Dong 2023, arXiv 2304.06767, algorithm 1; Yuan 2023, arXiv 2308.01825, section 3.3",
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
        OptionErrors.ThrowIfAny(options.Validate("rejectionSampling"));
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
