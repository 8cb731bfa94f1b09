using Reft.Verification;

namespace Reft.Evaluation;

/// <summary>Why an item's completion ended.</summary>
public enum EvaluationFinish
{
    /// <summary>At a stop token.</summary>
    Stop,

    /// <summary>At the most tokens allowed, or where the context was full: it is truncated.</summary>
    Length,

    /// <summary>There is none: the prompt leaves no room in the context. The outcome is an error.</summary>
    PromptTooLong,
}

/// <summary>One completion of one problem, with its verdict.</summary>
public sealed record EvaluationItem
{
    /// <summary>The problem's id.</summary>
    public required string Problem { get; init; }

    /// <summary>The group of problems that count as one draw, by its key; null in files that were written without, for the problem alone.</summary>
    public string? Group { get; init; }

    /// <summary>What counts as one draw with this item.</summary>
    internal string DrawnWith => Group ?? Problem;

    /// <summary>Which sample of the problem, from 0.</summary>
    public required int Sample { get; init; }

    /// <summary>The whole prompt.</summary>
    public required string Prompt { get; init; }

    /// <summary>What the model wrote.</summary>
    public required string Completion { get; init; }

    /// <summary>Tokens of the completion, the stop token included.</summary>
    public required int Tokens { get; init; }

    /// <summary>Why the completion ended.</summary>
    public required EvaluationFinish Finish { get; init; }

    /// <summary>What the verifier said.</summary>
    public required Outcome Outcome { get; init; }

    /// <summary>The answer read from the completion; null where none was.</summary>
    public required string? Answer { get; init; }

    /// <summary>The known answer, as the data writes it.</summary>
    public required string Gold { get; init; }

    /// <summary>Why the verifier said so.</summary>
    public required string Detail { get; init; }

    /// <summary>Whether the answer is right; no reward shapes this.</summary>
    public bool IsCorrect => Outcome == Outcome.Correct;
}
