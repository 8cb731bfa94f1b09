using Reft.Algorithms;
using Reft.Algorithms.Preparations;
using Reft.Algorithms.Terms;
using Reft.Rollouts;

namespace Reft.Methods;

/// <summary>Options of <see cref="Hir"/>; the values of the authors' program.</summary>
public sealed record HirOptions
{
    /// <summary>Stands before a question that is to be answered rightly, in rollouts too.</summary>
    public string Goal { get; init; } = "Solve the question with a correct answer.";

    /// <summary>Stands before a question that is to be answered wrongly.</summary>
    public string Opposite { get; init; } = "Solve the question with a wrong answer.";

    /// <summary>The weight of the contrast between the two instructions, at least 0.</summary>
    public double Contrast { get; init; } = 1;

    /// <summary>How much labels are smoothed, in the likelihood and in the contrast; in [0, 1).</summary>
    public double Smoothing { get; init; } = 0.2;

    /// <summary>The weight of the entropy, which is to stay, at least 0.</summary>
    public double Entropy { get; init; } = 0.001;

    /// <summary>How many relabelled samples, of now and before, are learned for each one that is drawn, at least 1.</summary>
    public int Learned { get; init; } = 10;

    /// <summary>How many samples are kept for each training problem, at least 1; the latest ones.</summary>
    public int Kept { get; init; } = 4;

    /// <summary>Sequences of an optimizer step, two a relabelled sample; 0 for all of the step's.</summary>
    public int MiniBatch { get; init; } = 128;

    /// <summary>Tokens that a forward pass without gradients takes at a time.</summary>
    public int EvaluationTokens { get; init; } = 8192;

    /// <summary>Every error of the options; empty if there is none.</summary>
    public IReadOnlyList<string> Validate(string path) =>
    [
        .. OptionErrors.Of(
            path,
            (Contrast >= 0, "contrast", Contrast, "at least 0"),
            (Smoothing is >= 0 and < 1, "smoothing", Smoothing, "at least 0 and below 1"),
            (Entropy >= 0, "entropy", Entropy, "at least 0"),
            (Learned >= 1, "learned", Learned, "at least 1"),
            (Kept >= 1, "kept", Kept, "at least 1"),
            (MiniBatch >= 0, "miniBatch", MiniBatch, "at least 0 (0 is the whole batch)"),
            (EvaluationTokens >= 1, "evaluationTokens", EvaluationTokens, "at least 1")),
        .. Goal.Trim() == Opposite.Trim() ? [$"{path}.opposite is the goal itself: it must be another instruction"] : Array.Empty<string>(),
    ];
}

/// <summary>
/// Hindsight instruction relabelling (<see href="https://arxiv.org/abs/2302.05206"/>): nothing is rewarded; a wrong answer is learned as a right one to
/// the instruction to answer wrongly.
/// </summary>
public static class Hir
{
    /// <summary>The method.</summary>
    internal static IMethod Method { get; } = new OwnSamplesMethod<HirOptions>("hir", "hir", new HirOptions())
    {
        Summary = "likelihood of the policy's own samples under the instruction that they in fact followed, and a contrast with the other one",
        Citation = "Zhang 2023, arXiv 2302.05206, section 4",
        Guide = "A sample is drawn under the instruction to answer rightly; where it is wrong, it is learned as what the instruction to answer wrongly "
            + "asks for. So failures teach too, no reward needs a scale, and the model can be told at test time which it is to do. Use it where a step "
            + "has few right samples and many epochs over them are cheap; the questions of evaluations begin with the goal, and so must those of users.",
        Also = ["model.dropout"],
        UpdateSection = "hir",
        Update = Updates,
        Sequences = (options, config) => 2 * options.Learned * MethodChecks.Sampled(config),
        LearnsTempered = false,
        Source = (options, rollouts) => new HindsightRollouts(
            rollouts, new HindsightInstructions(options.Goal.Trim(), options.Opposite.Trim()), options.Learned, options.Kept),
        Trains = (options, problem) =>
            [HindsightInstructions.Under(options.Goal.Trim(), problem), HindsightInstructions.Under(options.Opposite.Trim(), problem)],
        Asks = (options, problem) => HindsightInstructions.Under(options.Goal.Trim(), problem),
        Algorithm = (options, _, _) => Create(options),
    };

    /// <summary>Makes the algorithm.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static ComposedAlgorithm Create(HirOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        OptionErrors.ThrowIfAny(options.Validate("hir"));
        var pairs = new HindsightPairs(options.Smoothing, options.Contrast, options.EvaluationTokens);
        return new ComposedAlgorithm(new AlgorithmParts
        {
            Preparation = pairs,
            Weighting = pairs,
            Terms = [new Reinforce(), DistributionTerm.Smoothing(options.Smoothing), DistributionTerm.NegativeEntropy(options.Entropy)],
            MiniBatch = options.MiniBatch,
            KeepsGroups = true,
        });
    }

    private static UpdateOptions Updates(HirOptions options) => new() { MiniBatch = options.MiniBatch, EvaluationTokens = options.EvaluationTokens };
}
