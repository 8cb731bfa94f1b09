using Reft.Evaluation;
using Reft.Evaluation.Reranking;

namespace Reft.Reproduction;

/// <summary>One way to an answer, with the figure that every test problem gets by it.</summary>
/// <param name="Name">greedy, maj@k, weighted@k, rerank@k or pass@k.</param>
/// <param name="K">How many samples it takes; 1 for greedy.</param>
/// <param name="Figures">A figure in [0, 1] for each problem, in the problems' order.</param>
/// <param name="Accuracy">Their mean: Wilson's interval for greedy, else a bootstrap over problems.</param>
internal sealed record Decoding(string Name, int K, IReadOnlyList<double> Figures, Estimate Accuracy);

/// <summary>A method's figures, of one format and seed.</summary>
internal sealed record MethodResult
{
    /// <summary>The format's name.</summary>
    public required string Format { get; init; }

    /// <summary>The seed.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The method.</summary>
    public required ComparedMethod Method { get; init; }

    /// <summary>Optimizer steps of its run; those of the warm-up are not among them.</summary>
    public required long GradientSteps { get; init; }

    /// <summary>Completions that were drawn to learn from.</summary>
    public required long SamplesDrawn { get; init; }

    /// <summary>The training step of the checkpoint that dev chose.</summary>
    public required long BestStep { get; init; }

    /// <summary>Its accuracy on dev by training step.</summary>
    public required IReadOnlyList<(long Step, double Accuracy)> Dev { get; init; }

    /// <summary>Optimizer steps of a training step.</summary>
    public required double UpdatesPerStep { get; init; }

    /// <summary>Ways to an answer.</summary>
    public required IReadOnlyList<Decoding> Decodings { get; init; }

    /// <summary>The group of each test problem, in the order of the figures: those of one group count as one draw.</summary>
    public required IReadOnlyList<string> Groups { get; init; }

    /// <summary>The temperature of the test samples.</summary>
    public required double Temperature { get; init; }

    /// <summary>How long its format and seed took, where that comes from a unit; null where the log of stages has it.</summary>
    public double? Minutes { get; init; }

    /// <summary>The share of test samples that is correct.</summary>
    public required double SampleAccuracy { get; init; }

    /// <summary>How far its reward model's scores are probabilities; null without one.</summary>
    public required Calibration? Calibration { get; init; }
}

/// <summary>A cell of the table: a method and a decoding, over all seeds.</summary>
/// <param name="Format">The format.</param>
/// <param name="Method">The method.</param>
/// <param name="Decoding">The decoding.</param>
/// <param name="K">Its samples.</param>
/// <param name="Seeds">The accuracy of each seed.</param>
/// <param name="Spread">Their mean and spread.</param>
internal sealed record Cell(string Format, ComparedMethod Method, string Decoding, int K, IReadOnlyList<Estimate> Seeds, SeedSpread Spread);

/// <summary>
/// A method against supervised fine-tuning of the same seed, paired by problem. Two of its intervals answer a question each, and neither
/// holds the other: what other problems would give, and what other seeds would. The verdict goes by the third, over both.
/// </summary>
/// <param name="Format">The format.</param>
/// <param name="Method">The method.</param>
/// <param name="Decoding">The decoding.</param>
/// <param name="K">Its samples.</param>
/// <param name="Value">The difference: a problem's figure is its mean over seeds, and the bootstrap draws problems.</param>
/// <param name="Seeds">The difference of each seed.</param>
/// <param name="Spread">Their mean, which is the difference, and Student's interval over seeds.</param>
internal sealed record Difference(
    string Format, ComparedMethod Method, string Decoding, int K, Estimate Value, IReadOnlyList<double> Seeds, SeedSpread Spread)
{
    /// <summary>The difference with its interval over problems and seeds together; null with one seed.</summary>
    public required Estimate? Both { get; init; }
}

/// <summary>What a comparison found.</summary>
internal sealed record ReproductionResult
{
    /// <summary>The seeds.</summary>
    public required IReadOnlyList<ulong> Seeds { get; init; }

    /// <summary>The formats and seeds that are not run yet, in words; no figure is made of them.</summary>
    public required IReadOnlyList<string> Missing { get; init; }

    /// <summary>Test problems of each format.</summary>
    public required IReadOnlyDictionary<string, int> TestProblems { get; init; }

    /// <summary>Every method, format and seed.</summary>
    public required IReadOnlyList<MethodResult> Methods { get; init; }

    /// <summary>The table.</summary>
    public required IReadOnlyList<Cell> Cells { get; init; }

    /// <summary>The differences from supervised fine-tuning.</summary>
    public required IReadOnlyList<Difference> Differences { get; init; }
}
