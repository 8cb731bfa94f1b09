using Reft.Algorithms;
using Reft.Algorithms.Preparations;
using Reft.Algorithms.Terms;
using Reft.Rollouts;

namespace Reft.Methods;

/// <summary>Options of <see cref="Hir"/>; the values of the authors' program.</summary>
public sealed record HirOptions
{
    /// <summary>Stands before a question that is to be answered rightly, in rollouts too.</summary>
    [Option("stands before a question that is to be answered rightly, in rollouts and evaluations")]
    public string Goal { get; init; } = "Solve the question with a correct answer.";

    /// <summary>Stands before a question that is to be answered wrongly.</summary>
    [Option("stands before a question that is to be answered wrongly", Note = "another than goal")]
    public string Opposite { get; init; } = "Solve the question with a wrong answer.";

    /// <summary>The weight of the contrast between the two instructions, at least 0.</summary>
    [Option("the weight of the contrast between the two instructions", AtLeast = 0)]
    public double Contrast { get; init => field = InRange.Of(this, value); } = 1;

    /// <summary>How much labels are smoothed, in the likelihood and in the contrast; in [0, 1).</summary>
    [Option("how much labels are smoothed, in the likelihood and in the contrast", AtLeast = 0, Below = 1)]
    public double Smoothing { get; init => field = InRange.Of(this, value); } = 0.2;

    /// <summary>The weight of the entropy, which is to stay, at least 0.</summary>
    [Option("the weight of the entropy, which is to stay", AtLeast = 0)]
    public double Entropy { get; init => field = InRange.Of(this, value); } = 0.001;

    /// <summary>How many relabelled samples, of now and before, are learned for each one that is drawn, at least 1.</summary>
    [Option("relabelled samples, of now and before, that are learned for each one drawn", AtLeast = 1)]
    public int Learned { get; init => field = InRange.Of(this, value); } = 10;

    /// <summary>How many samples are kept for each training problem, at least 1; the latest ones.</summary>
    [Option("samples that are kept for each training problem, the latest ones", AtLeast = 1)]
    public int Kept { get; init => field = InRange.Of(this, value); } = 4;

    /// <summary>Sequences of an optimizer step, two a relabelled sample; 0 for all of the step's.</summary>
    [Option("sequences of an optimizer step, two a relabelled sample", AtLeast = 0, Note = "0 is the whole batch")]
    public int MiniBatch { get; init => field = InRange.Of(this, value); } = 128;

    /// <summary>Tokens that a forward pass without gradients takes at a time.</summary>
    [Option("tokens of a forward pass without gradients", AtLeast = 1)]
    public int EvaluationTokens { get; init => field = InRange.Of(this, value); } = 8192;

    /// <summary>What is wrong with values together, each line beginning with its path.</summary>
    public IReadOnlyList<string> Validate(string path) =>
        Goal.Trim() == Opposite.Trim() ? [$"{path}.opposite is the goal itself: it must be another instruction"] : [];
}

/// <summary>
/// Hindsight instruction relabelling (<see href="https://arxiv.org/abs/2302.05206"/>): nothing is rewarded; a wrong answer is learned as a right one to
/// the instruction to answer wrongly.
/// </summary>
internal static class Hir
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
        Shows = _ => false,
        Unreplayed = "what is learned, samples of now and before under the instructions that they followed",
        Update = Updates,
        Sequences = (options, config) => 2 * options.Learned * MethodChecks.Sampled(config),
        LearnsTempered = false,
        Collects =
        [
            new(
                "a sample once more under the instruction that it followed, and under the other one", "Rollouts/HindsightRollouts: Pair", "Zhang 2023, section 4.1") { Departure = "samples of steps before are kept by number, each drawn again without repeats until all were" },
        ],
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
