using Reft.Algorithms;
using Reft.Algorithms.Preparations;
using Reft.Algorithms.Terms;
using Reft.Models;

namespace Reft.Methods;

/// <summary>Options of <see cref="VerifiedDpo"/>.</summary>
public sealed record VerifiedDpoOptions
{
    /// <summary>β, above 0; the paper's.</summary>
    public double Beta { get; init; } = 0.1;

    /// <summary>The most pairs of a problem; absent for as many as its samples give.</summary>
    public int? PairsPerProblem { get; init; }

    /// <summary>The least share of a problem's samples that is correct, where it gives pairs, in [0, 1]; the paper on chains of thought has 0.25.</summary>
    public double AccuracyLow { get; init; }

    /// <summary>The largest such share, in [0, 1] and at least <see cref="AccuracyLow"/>; that paper has 0.85.</summary>
    public double AccuracyHigh { get; init; } = 1;

    /// <summary>How many of a response's first tokens are compared; absent for all. That paper found 90 best.</summary>
    public int? MostTokens { get; init; }

    /// <summary>How often a step's pairs are gone through, at least 1.</summary>
    public int Epochs { get; init; } = 1;

    /// <summary>Sequences of an optimizer step; 0 for all pairs of the step. Pairs of a problem stay together.</summary>
    public int MiniBatch { get; init; }

    /// <summary>Tokens that a forward pass without gradients takes at a time.</summary>
    public int EvaluationTokens { get; init; } = 8192;

    /// <summary>Every error of the options; empty if there is none.</summary>
    public IReadOnlyList<string> Validate(string path) => OptionErrors.Of(
        path,
        (Beta > 0, "beta", Beta, "above 0"),
        (PairsPerProblem is null or >= 1, "pairsPerProblem", PairsPerProblem ?? 0, "at least 1, or absent"),
        (AccuracyLow is >= 0 and <= 1, "accuracyLow", AccuracyLow, "between 0 and 1"),
        (AccuracyHigh is >= 0 and <= 1 && AccuracyHigh >= AccuracyLow, "accuracyHigh", AccuracyHigh, "between accuracyLow and 1"),
        (MostTokens is null or >= 1, "mostTokens", MostTokens ?? 0, "at least 1, or absent"),
        (Epochs >= 1, "epochs", Epochs, "at least 1"),
        (MiniBatch >= 0, "miniBatch", MiniBatch, "at least 0 (0 is all pairs)"),
        (EvaluationTokens >= 1, "evaluationTokens", EvaluationTokens, "at least 1"));
}

/// <summary>Direct preference optimisation on pairs of a correct and a wrong sample (<see cref="VerifiedPairs"/>).</summary>
public static class VerifiedDpo
{
    /// <summary>The method.</summary>
    internal static IMethod Method { get; } = new OwnSamplesMethod<VerifiedDpoOptions>("verified-dpo", "verifiedDpo", new VerifiedDpoOptions())
    {
        Summary = "direct preference of a correct over a wrong sample of the same problem, both the policy's own",
        Citation = "Rafailov 2023, arXiv 2305.18290, equation 7; pairs by verdict: Zhang 2024, arXiv 2410.16198",
        Guide = "Of a problem's samples, right ones are preferred to wrong ones, without a reward or values; the model's own log-ratio to its start then "
            + "scores samples (reft rerank --reference). With accuracyLow 0.25, accuracyHigh 0.85 and pairsPerProblem 3 it is the last stage of "
            + "arXiv 2410.16198, whose images Reft does not read. Use it after a warm-up that is right sometimes and not always.",
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
        OptionErrors.ThrowIfAny(options.Validate("verifiedDpo"));
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
