using Reft.Evaluation;
using Reft.Text;
using Reft.Verification;
using Reft.Verification.Programs;
using static TorchSharp.torch;

namespace Reft.Cli.Verbs;

/// <summary>What <c>reft evaluate</c> was asked to do.</summary>
internal sealed record EvaluateRequest
{
    public required string Model { get; init; }

    public required ProblemRequest Problems { get; init; }

    /// <summary>How many of the problems; null for all.</summary>
    public int? Limit { get; init; }

    public AnswerPolicy Policy { get; init; }

    /// <summary>The prompts; the style comes with the problems.</summary>
    public required PromptTemplate Template { get; init; }

    /// <summary>The rest; the stop tokens come with the model.</summary>
    public required EvaluationOptions Options { get; init; }

    /// <summary>Where the evaluation is written; null for nowhere.</summary>
    public string? Output { get; init; }

    /// <summary>The evaluation to compare with; null for none.</summary>
    public string? Compare { get; init; }

    /// <summary>Where the look is recorded; null where this is no look at a test set.</summary>
    public string? Ledger { get; init; }

    public bool Json { get; init; }

    /// <summary>Opens what runs programs, for so many at a time.</summary>
    public required Func<int, IProgramEngine> OpenEngine { get; init; }

    /// <summary>Loads the native runtime and says what to compute in and where.</summary>
    public required Func<(ScalarType Dtype, Device Device)> ReadDevice { get; init; }
}
