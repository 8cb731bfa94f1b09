namespace Reft.Verification;

/// <summary>What became of one completion.</summary>
public enum Outcome
{
    /// <summary>The answer equals the known one.</summary>
    Correct,

    /// <summary>An answer was read, and it is another one.</summary>
    Incorrect,

    /// <summary>No answer can be read from the completion.</summary>
    NoAnswer,

    /// <summary>The program did not end within its budget.</summary>
    Timeout,

    /// <summary>The program failed, or the known answer itself cannot be read.</summary>
    Error,
}

/// <summary>What a verifier says of one completion, before it belongs to a sample.</summary>
/// <param name="Outcome">What happened.</param>
/// <param name="Answer">The answer read from the completion, one text per value, or null where none was.</param>
/// <param name="Detail">Why, in words.</param>
public sealed record Finding(Outcome Outcome, string? Answer, string Detail);

/// <summary>
/// A finding about a named sample. It is not a reward: <see cref="Rewards.RewardRule"/> says what it is worth.
/// </summary>
/// <param name="SampleId">The sample that this is about.</param>
/// <param name="Outcome">What happened.</param>
/// <param name="Answer">The answer read from the completion, one text per value, or null where none was.</param>
/// <param name="Detail">Why, in words.</param>
public sealed record Verdict(string SampleId, Outcome Outcome, string? Answer, string Detail)
{
    /// <summary>Whether the outcome is <see cref="Outcome.Correct"/>.</summary>
    public bool IsCorrect => Outcome == Outcome.Correct;
}

/// <summary>One completion to be judged.</summary>
/// <param name="Id">Unique in its batch.</param>
/// <param name="Completion">What the model wrote, without the prompt.</param>
/// <param name="Answer">The known answer, as the data writes it.</param>
public sealed record Sample(string Id, string Completion, string Answer)
{
    /// <summary>
    /// What the prompt already gave of the response, such as a program's header and docstring; empty where it gave
    /// nothing.
    /// </summary>
    public string Given { get; init; } = "";
}
