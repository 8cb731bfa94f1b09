namespace Reft.Diagnosis;

/// <summary>How bad a finding is.</summary>
internal enum Severity
{
    /// <summary>Worth knowing; nothing is wrong.</summary>
    Notice,

    /// <summary>Something is wrong, and the run may be worth less than it seems.</summary>
    Warning,

    /// <summary>The run broke, or cannot go on as it is.</summary>
    Fault,
}

/// <summary>Which rollouts show what a finding is about.</summary>
internal enum Witness
{
    /// <summary>None does.</summary>
    None,

    /// <summary>Any of the steps.</summary>
    Any,

    /// <summary>Those that ended at their length.</summary>
    Truncated,

    /// <summary>Those whose program failed.</summary>
    Error,

    /// <summary>Those without an answer.</summary>
    NoAnswer,

    /// <summary>Those with a wrong answer.</summary>
    Incorrect,
}

/// <summary>A rollout to look at.</summary>
/// <param name="Step">Its step.</param>
/// <param name="Sample">Its sample id.</param>
/// <param name="Outcome">Its verdict.</param>
/// <param name="Text">The first line of its text.</param>
internal sealed record SampleExcerpt(long Step, string Sample, string Outcome, string Text);

/// <summary>One thing that was found, and what to do about it.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Severity">How bad it is.</param>
/// <param name="Figures">What was seen, in figures.</param>
/// <param name="Meaning">What it means.</param>
/// <param name="Remedy">What to do.</param>
internal sealed record DoctorFinding(string Id, Severity Severity, string Figures, string Meaning, string Remedy)
{
    /// <summary>The first step that shows it; null where it is not about steps.</summary>
    public long? From { get; init; }

    /// <summary>The last one.</summary>
    public long? To { get; init; }

    /// <summary>Which rollouts show it.</summary>
    public Witness Witness { get; init; }

    /// <summary>Some of them.</summary>
    public IReadOnlyList<SampleExcerpt> Samples { get; init; } = [];
}
