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
    public int PrefixTokens { get; init; } = 32;

    /// <summary>p, the share of questions whose sample is learned whole and under the usual prompt, in [0, 1]; the paper has 0.1, and 0.3 for 800 questions.</summary>
    public double FullShare { get; init; } = 0.1;

    /// <summary>Follows the question where a prefix is learned.</summary>
    public string Instruction { get; init; } = "Please provide the initial step towards resolving the question. "
        + "This step may serve as a foundation but might not encompass the entire solution.";

    /// <summary>Whether only what becomes a correct sample is learned; then samples are drawn to their end, and answers must be known.</summary>
    public bool LabelFilter { get; init; }

    /// <summary>How often a step's sequences are gone through, at least 1.</summary>
    public int Epochs { get; init; } = 1;

    /// <summary>Sequences of an optimizer step; 0 for all of the step's.</summary>
    public int MiniBatch { get; init; }

    /// <summary>Every error of the options; empty if there is none.</summary>
    public IReadOnlyList<string> Validate(string path) => OptionErrors.Of(
        path,
        (PrefixTokens >= 2, "prefixTokens", PrefixTokens, "at least 2: a token and the stop token"),
        (FullShare is >= 0 and <= 1, "fullShare", FullShare, "between 0 and 1"),
        (Epochs >= 1, "epochs", Epochs, "at least 1"),
        (MiniBatch >= 0, "miniBatch", MiniBatch, "at least 0 (0 is the whole batch)"));
}

/// <summary>
/// Unsupervised prefix fine-tuning (<see href="https://arxiv.org/abs/2503.02875"/>): cross-entropy on the first tokens of the model's own
/// samples (<see cref="PrefixRollouts"/>), right or wrong. Samples are drawn at the rollouts' temperature and learned at 1.
/// </summary>
public static class Upft
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
        Update = options => new() { Epochs = options.Epochs, MiniBatch = options.MiniBatch },
        LearnsTempered = false,
        Trains = (options, problem) => [problem, PrefixRollouts.Asked(problem, options.Instruction)],
        Source = (options, rollouts) => new PrefixRollouts(rollouts, options.PrefixTokens, options.FullShare, options.Instruction, options.LabelFilter),
        Algorithm = (options, _, _) => Create(options),
    };

    /// <summary>Makes the algorithm.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static ComposedAlgorithm Create(UpftOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        OptionErrors.ThrowIfAny(options.Validate("upft"));
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
