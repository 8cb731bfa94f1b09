using Reft.Algorithms;
using Reft.Algorithms.Preparations;
using Reft.Algorithms.Terms;
using Reft.Rollouts;

namespace Reft.Methods;

/// <summary>Options of <see cref="Upft"/>; the paper's values.</summary>
public sealed record UpftOptions
{
    /// <summary>
    /// t, the tokens of a prefix, its stop token counted; at least 2. The paper has 8 for Llama-3.1-8B, 32 for Qwen2.5-Math-7B and 128 for
    /// R1-distilled models; more and fewer were worse.
    /// </summary>
    [Option("tokens of a prefix, its stop token counted; the paper has 8, 32 and 128 for its three models", AtLeast = 2)]
    public int PrefixTokens { get; init => field = InRange.Of(this, value); } = 32;

    /// <summary>p, the share of questions whose sample is learned whole and under the usual prompt, in [0, 1]; the paper has 0.1, and 0.3 for 800 questions.</summary>
    [Option("the share of problems whose sample is learned whole, under its own prompt", AtLeast = 0, AtMost = 1)]
    public double FullShare { get; init => field = InRange.Of(this, value); } = 0.1;

    /// <summary>Follows the question where a prefix is learned.</summary>
    [Option("follows the question where a prefix is learned")]
    public string Instruction { get; init; } = "Please provide the initial step towards resolving the question. "
        + "This step may serve as a foundation but might not encompass the entire solution.";

    /// <summary>Whether the stop token takes the place of a prefix's last token, as in the paper's program; else the tokens are learned and no end.</summary>
    [Option("whether the stop token takes the place of a prefix's last token, as in the paper's program")]
    public bool EndsPrefix { get; init; } = true;

    /// <summary>Whether only what becomes a correct sample is learned; then samples are drawn to their end, and answers must be known.</summary>
    [Option("whether only what becomes a correct sample is learned; then samples are drawn whole")]
    public bool LabelFilter { get; init; }

    /// <summary>How often a step's sequences are gone through, at least 1.</summary>
    [Option("how often a step's sequences are gone through", AtLeast = 1)]
    public int Epochs { get; init => field = InRange.Of(this, value); } = 1;

    /// <summary>Sequences of an optimizer step; 0 for all of the step's.</summary>
    [Option("sequences of an optimizer step", AtLeast = 0, Note = "0 is the whole batch")]
    public int MiniBatch { get; init => field = InRange.Of(this, value); }
}

/// <summary>
/// Unsupervised prefix fine-tuning (<see href="https://arxiv.org/abs/2503.02875"/>): cross-entropy on the first tokens of the model's own
/// samples (<see cref="PrefixRollouts"/>), right or wrong. Samples are drawn at the rollouts' temperature and learned at 1.
/// </summary>
internal static class Upft
{
    /// <summary>The method.</summary>
    internal static IMethod Method { get; } = new OwnSamplesMethod<UpftOptions>("upft", "upft", new UpftOptions())
    {
        Summary = "cross-entropy on the first tokens of the policy's own samples, right or wrong; a share of them whole",
        Citation = "Ji 2025, arXiv 2503.02875",
        Guide = "Samples of a question agree in their first tokens, and err late: so the beginnings of the model's own samples, right or wrong, are "
            + "learned, under an instruction that asks for a beginning alone. No answers are needed, and few tokens are drawn. It can shift which way a "
            + "model begins, and teaches nothing else: use it on a model that knows a reliable way and does not always take it.",
        Also = ["model.dropout"],
        UpdateSection = "upft",
        CanReplay = _ => false,
        Unreplayed = "prefixes under the prompt that asks for one: nobody drew them so",
        Update = options => new() { Epochs = options.Epochs, MiniBatch = options.MiniBatch },
        LearnsTempered = false,
        Trains = (options, problem) => [problem, PrefixRollouts.Asked(problem, options.Instruction)],
        Collects =
        [
            new(
                "the first t tokens of a sample, after the question and an instruction; a share of samples whole", "Rollouts/PrefixRollouts: Prefix", "Ji 2025, section 3 and its program") { Departure = "which samples are whole hangs on the problem, in every epoch the same" },
        ],
        Source = (options, rollouts) => new PrefixRollouts(rollouts, options.PrefixTokens, options.FullShare, options.Instruction, options.EndsPrefix, options.LabelFilter),
        Algorithm = (options, _, _) => Create(options),
    };

    /// <summary>Makes the algorithm.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static ComposedAlgorithm Create(UpftOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new ComposedAlgorithm(new AlgorithmParts
        {
            Preparation = options.LabelFilter ? new CorrectSamples(null) : new Imitation(),
            Weighting = new AggregatedWeighting(Aggregation.TokenMean, 1),
            Terms = [new LogLikelihood()],
            Epochs = options.Epochs,
            MiniBatch = options.MiniBatch,
            KeepsGroups = options.LabelFilter,
        });
    }
}
