using Reft.Algorithms;
using Reft.Algorithms.Preparations;
using Reft.Algorithms.Terms;
using Reft.Models;
using Reft.Sampling;

namespace Reft.Methods;

/// <summary>Options of <see cref="VerifiedDpo"/>.</summary>
public sealed record VerifiedDpoOptions
{
    /// <summary>β, above 0; the paper's.</summary>
    [Option("β, how much a difference from the reference counts", Above = 0)]
    public double Beta { get; init => field = InRange.Of(this, value); } = ImplicitReward.UsualBeta;

    /// <summary>The most pairs of a problem; absent for as many as its samples give.</summary>
    [Option("the most pairs of a problem; absent for as many as its samples give", AtLeast = 1)]
    public int? PairsPerProblem { get; init => field = InRange.Of(this, value); }

    /// <summary>The least share of a problem's samples that is correct, where it gives pairs; the paper on chains of thought has 0.25.</summary>
    [Option("the least share of correct samples of a problem that gives pairs; 0.25 in arXiv 2410.16198", AtLeast = 0, AtMost = 1)]
    public double AccuracyLow { get; init => field = InRange.Of(this, value); }

    /// <summary>The largest such share; that paper has 0.85.</summary>
    [Option("the largest such share; 0.85 there", AtLeast = 0, AtMost = 1, Note = "at least accuracyLow")]
    public double AccuracyHigh { get; init => field = InRange.Of(this, value); } = 1;

    /// <summary>How many of a response's first tokens are compared; absent for all. A program after that paper found 90 best.</summary>
    [Option("how many of a response's first tokens are compared; absent for all", AtLeast = 1)]
    public int? MostTokens { get; init => field = InRange.Of(this, value); }

    /// <summary>How often a step's pairs are gone through, at least 1.</summary>
    [Option("how often a step's pairs are gone through", AtLeast = 1)]
    public int Epochs { get; init => field = InRange.Of(this, value); } = 1;

    /// <summary>Sequences of an optimizer step; 0 for all pairs of the step. Pairs of a problem stay together.</summary>
    [Option("sequences of an optimizer step, pairs of a problem together", AtLeast = 0, Note = "0 is all pairs")]
    public int MiniBatch { get; init => field = InRange.Of(this, value); }

    /// <summary>Tokens that a forward pass without gradients takes at a time.</summary>
    [Option("tokens of a forward pass without gradients", AtLeast = 1)]
    public int EvaluationTokens { get; init => field = InRange.Of(this, value); } = 8192;

    /// <summary>What is wrong with values together, each line beginning with its path.</summary>
    public IReadOnlyList<string> Validate(string path) => AccuracyHigh < AccuracyLow
        ? [FormattableString.Invariant($"{path}.accuracyHigh is {AccuracyHigh}: it must be at least accuracyLow, {AccuracyLow}")]
        : [];
}

/// <summary>Direct preference optimisation on pairs of a correct and a wrong sample (<see cref="VerifiedPairs"/>).</summary>
internal static class VerifiedDpo
{
    /// <summary>The method.</summary>
    internal static IMethod Method { get; } = new OwnSamplesMethod<VerifiedDpoOptions>("verified-dpo", "verifiedDpo", new VerifiedDpoOptions())
    {
        Summary = "direct preference of a correct over a wrong sample of the same problem, both the policy's own",
        Citation = "Rafailov 2023, arXiv 2305.18290, equation 7; pairs by verdict: Zhang 2024, arXiv 2410.16198",
        Guide = "Pairs of a right and a wrong sample of the same problem, both the policy's own, and the preference of one over the "
            + "other relative to the reference: no advantage, no reward's scale, and learning from contrast alone. Problems without "
            + "both kinds of samples teach nothing. Take it where the verifier is sure of what is wrong and rewards have no "
            + "meaningful size. With accuracyLow 0.25, accuracyHigh 0.85 and pairsPerProblem 3 it is the last stage of arXiv 2410.16198, "
            + "whose images Reft does not read; 'reft rerank --reference' then scores samples by the policy's own log-ratio.",
        Also = [],
        UpdateSection = "verifiedDpo",
        Update = Updates,
        NeedsReference = _ => true,
        LeastSamples = _ => 2,
        Algorithm = (options, _, reference) => Create(options, reference!), // It needs one.
    };

    /// <summary>Makes the algorithm.</summary>
    /// <param name="options">The options.</param>
    /// <param name="reference">The reference's log-probabilities of responses [B][T].</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static ComposedAlgorithm Create(VerifiedDpoOptions options, Func<IReadOnlyList<PolicySequence>, float[][]> reference)
    {
        ArgumentNullException.ThrowIfNull(options);
        var pairs = new VerifiedPairs(options.Beta, Choice(options), reference, options.EvaluationTokens);
        return new ComposedAlgorithm(new AlgorithmParts
        {
            Preparation = pairs,
            Weighting = pairs,
            Terms = [new LogLikelihood()],
            Epochs = options.Epochs,
            MiniBatch = options.MiniBatch,
            KeepsGroups = true,
        });
    }

    private static PairChoice Choice(VerifiedDpoOptions options) => new()
    {
        MostPerProblem = options.PairsPerProblem,
        AccuracyLow = options.AccuracyLow,
        AccuracyHigh = options.AccuracyHigh,
        MostTokens = options.MostTokens,
    };

    private static UpdateOptions Updates(VerifiedDpoOptions options) => new() { Epochs = options.Epochs, MiniBatch = options.MiniBatch, EvaluationTokens = options.EvaluationTokens };
}
