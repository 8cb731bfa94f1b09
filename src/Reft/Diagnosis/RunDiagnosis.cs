namespace Reft.Diagnosis;

/// <summary>How fast a run was, from timings.jsonl.</summary>
/// <param name="Steps">Steps that were timed.</param>
/// <param name="SecondsPerStep">The median time of a step.</param>
/// <param name="Shares">The share of each phase in all the time.</param>
/// <param name="Early">Mean seconds of a step in the first quarter.</param>
/// <param name="Late">In the last quarter.</param>
internal sealed record RunSpeed(
    int Steps, double SecondsPerStep, IReadOnlyDictionary<string, double> Shares, double Early, double Late);

/// <summary>One invariant that fired, over the whole run.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Count">In how many steps.</param>
/// <param name="First">The first of them.</param>
/// <param name="Last">The last.</param>
/// <param name="Figure">The last figure.</param>
/// <param name="Limit">Its limit.</param>
/// <param name="Stops">Whether it stopped the run.</param>
/// <param name="Meaning">What it means.</param>
/// <param name="Remedy">What to do.</param>
internal sealed record AlarmHistory(
    string Id, int Count, long First, long Last, double Figure, double Limit, bool Stops, string Meaning, string Remedy);

/// <summary>What is to be said of a run.</summary>
internal sealed record RunDiagnosis
{
    /// <summary>The folder.</summary>
    public required string Run { get; init; }

    /// <summary>running, finished, stopped, failed, or crashed: it says running, and no process holds it.</summary>
    public required string State { get; init; }

    /// <summary>How it stands or ended, in words.</summary>
    public required string Standing { get; init; }

    /// <summary>Steps that were measured.</summary>
    public required int Steps { get; init; }

    /// <summary>The newest checkpoint whose checksums hold; null for none.</summary>
    public required string? Checkpoint { get; init; }

    /// <summary>How fast it was; null where nothing was timed.</summary>
    public required RunSpeed? Speed { get; init; }

    /// <summary>Alarms, by id.</summary>
    public required IReadOnlyList<AlarmHistory> Alarms { get; init; }

    /// <summary>What was found, the worst first.</summary>
    public required IReadOnlyList<DoctorFinding> Findings { get; init; }

    /// <summary>Commands to go on with, or to look further.</summary>
    public required IReadOnlyList<string> Commands { get; init; }

    /// <summary>Whether nothing is wrong.</summary>
    public bool IsHealthy => Alarms.Count == 0 && Findings.All(f => f.Severity == Severity.Notice);
}
