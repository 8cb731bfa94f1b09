using System.Text.Json.Serialization;
using Reft.Answers;

namespace Reft.Evaluation;

/// <summary>What an evaluation is of, for the record.</summary>
/// <param name="Set">The name of the problem set: <c>dev</c>, <c>test</c>, a file's name.</param>
/// <param name="Policy">How the verifier reads and compares answers.</param>
/// <param name="Step">The training step of the model; null outside a run.</param>
internal sealed record EvaluationLabel(string Set, AnswerPolicy Policy, long? Step = null)
{
    /// <summary>The name of the form in which answers are given; null for the style's own, and where a config says it.</summary>
    public string? Form { get; init; }
}

/// <summary>How far an evaluation is.</summary>
/// <param name="Done">Completions that are finished.</param>
/// <param name="Total">Completions in all.</param>
/// <param name="Tokens">Tokens drawn so far.</param>
public readonly record struct EvaluationProgress(int Done, int Total, long Tokens);

/// <summary>
/// An evaluation of one model on one problem set: plain data without times, so that the same model, problems and
/// options give the same bytes.
/// </summary>
public sealed record EvaluationResult
{
    /// <summary>The version of the file format that this program writes.</summary>
    public const int CurrentFormat = 1;

    /// <summary>The version of the file format.</summary>
    public int Format { get; init; } = CurrentFormat;

    /// <summary>The training step of the model; null outside a run.</summary>
    public required long? Step { get; init; }

    /// <summary>The name of the problem set.</summary>
    public required string Set { get; init; }

    /// <summary>The model's <see cref="ModelHash"/>.</summary>
    public required string Model { get; init; }

    /// <summary>What answers are.</summary>
    public required AnswerStyle Style { get; init; }

    /// <summary>How answers are read and compared.</summary>
    public required AnswerPolicy Policy { get; init; }

    /// <summary>The name of the form in which answers are given; null for the style's own, and where a config says it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Form { get; init; }

    /// <summary>One greedy completion of every problem.</summary>
    public required EvaluationPart Greedy { get; init; }

    /// <summary>Several samples of every problem; null where none were asked for.</summary>
    public required EvaluationPart? Sampled { get; init; }
}
