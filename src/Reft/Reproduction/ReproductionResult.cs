using Reft.Evaluation;
using Reft.Evaluation.Reranking;

namespace Reft.Reproduction;

/// <summary>One way to an answer, with the figure that every test problem gets by it.</summary>
/// <param name="Name">greedy, maj@k, weighted@k, rerank@k or pass@k.</param>
/// <param name="K">How many samples it takes; 1 for greedy.</param>
/// <param name="Figures">A figure in [0, 1] for each problem, in the problems' order.</param>
/// <param name="Accuracy">Their mean: Wilson's interval for greedy, else a bootstrap over problems.</param>
internal sealed record Decoding(string Name, int K, IReadOnlyList<double> Figures, Estimate Accuracy);

/// <summary>A greedy accuracy on dev.</summary>
/// <param name="Step">The training step.</param>
/// <param name="Accuracy">The share of problems solved, in [0, 1].</param>
internal sealed record DevPoint(long Step, double Accuracy);

/// <summary>What is known of an arm's run, of one format and seed, besides the figures of test problems.</summary>
internal sealed record ArmFacts
{
    /// <summary>Optimizer steps of its run; those of the warm-up are not among them.</summary>
    public required long GradientSteps { get; init; }

    /// <summary>Completions that were drawn to learn from.</summary>
    public required long SamplesDrawn { get; init; }

    /// <summary>The training step of the checkpoint that dev chose.</summary>
    public required long BestStep { get; init; }

    /// <summary>Optimizer steps of a training step.</summary>
    public required double UpdatesPerStep { get; init; }

    /// <summary>The temperature of the test samples.</summary>
    public required double Temperature { get; init; }

    /// <summary>The share of test samples that is correct.</summary>
    public required double SampleAccuracy { get; init; }

    /// <summary>What its run took of processors in seconds, evaluations of dev included; null where a version before this made it.</summary>
    public double? ProcessorSeconds { get; init; }

    /// <summary>How long all its stages took in minutes: its run, its samples of the warm-up, tests, and the reward model.</summary>
    public required double Minutes { get; init; }

    /// <summary>Its accuracy on dev by training step.</summary>
    public required IReadOnlyList<DevPoint> Dev { get; init; }

    /// <summary>How far its reward model's scores are probabilities; null without one.</summary>
    public Calibration? Calibration { get; init; }
}

/// <summary>An arm's figures, of one format and seed.</summary>
/// <param name="Format">The format's name.</param>
/// <param name="Seed">The seed.</param>
/// <param name="Arm">The arm's name.</param>
/// <param name="Facts">What is known of its run.</param>
/// <param name="Decodings">Ways to an answer.</param>
/// <param name="Groups">The group of each test problem, in the order of the figures: those of one group count as one draw.</param>
internal sealed record ArmResult(
    string Format, ulong Seed, string Arm, ArmFacts Facts, IReadOnlyList<Decoding> Decodings, IReadOnlyList<string> Groups);

/// <summary>A cell of the table: an arm and a decoding, over all seeds.</summary>
/// <param name="Format">The format.</param>
/// <param name="Arm">The arm.</param>
/// <param name="Decoding">The decoding.</param>
/// <param name="K">Its samples.</param>
/// <param name="Seeds">The accuracy of each seed.</param>
/// <param name="Spread">Their mean and spread.</param>
internal sealed record Cell(string Format, string Arm, string Decoding, int K, IReadOnlyList<Estimate> Seeds, SeedSpread Spread);

/// <summary>
/// An arm against another of the same seeds, paired by problem. Two of its intervals answer a question each, and neither
/// holds the other: what other problems would give, and what other seeds would. The verdict goes by the third, over both.
/// </summary>
/// <param name="Format">The format.</param>
/// <param name="Arm">The arm.</param>
/// <param name="Against">The other one.</param>
/// <param name="Decoding">The decoding.</param>
/// <param name="K">Its samples.</param>
/// <param name="Value">The difference: a problem's figure is its mean over seeds, and the bootstrap draws problems.</param>
/// <param name="Seeds">The difference of each seed.</param>
/// <param name="Spread">Their mean, which is the difference, and Student's interval over seeds.</param>
internal sealed record Difference(
    string Format, string Arm, string Against, string Decoding, int K, Estimate Value, IReadOnlyList<double> Seeds, SeedSpread Spread)
{
    /// <summary>The difference with its interval over problems and seeds together; null with one seed.</summary>
    public required Estimate? Both { get; init; }
}

/// <summary>What a comparison found.</summary>
internal sealed record ReproductionResult
{
    /// <summary>The seeds.</summary>
    public required IReadOnlyList<ulong> Seeds { get; init; }

    /// <summary>The formats, arms and seeds that are not run yet, in words; no figure is made of them.</summary>
    public required IReadOnlyList<string> Missing { get; init; }

    /// <summary>What the tables call the arms, in their order.</summary>
    public required IReadOnlyDictionary<string, string> Titles { get; init; }

    /// <summary>Test problems of each format.</summary>
    public required IReadOnlyDictionary<string, int> TestProblems { get; init; }

    /// <summary>Every arm, format and seed.</summary>
    public required IReadOnlyList<ArmResult> Arms { get; init; }

    /// <summary>The table.</summary>
    public required IReadOnlyList<Cell> Cells { get; init; }

    /// <summary>The differences of arms.</summary>
    public required IReadOnlyList<Difference> Differences { get; init; }
}
