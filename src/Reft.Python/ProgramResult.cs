namespace Reft.Python;

/// <summary>How a program ended.</summary>
public enum ProgramOutcome
{
    /// <summary>It ran to its end and gave a value (perhaps None).</summary>
    Value,

    /// <summary>It raised, is not Python, uses what is not supported, or exceeded a budget other than steps.</summary>
    Error,

    /// <summary>It used up its steps, or the deadline passed.</summary>
    Timeout,
}

/// <summary>What came of running one program.</summary>
public sealed record ProgramResult
{
    /// <summary>How the program ended.</summary>
    public required ProgramOutcome Outcome { get; init; }

    /// <summary>What the called function returned; null unless the outcome is <see cref="ProgramOutcome.Value"/>.</summary>
    public ProgramValue? Value { get; init; }

    /// <summary>Why there is no value, in Python's words where Python has some; empty when there is a value.</summary>
    public string Detail { get; init; } = "";

    /// <summary>What the program printed.</summary>
    public string Output { get; init; } = "";

    /// <summary>Steps used; the same on every machine.</summary>
    public long Steps { get; init; }
}
