namespace Reft.Supervision;

/// <summary>A live invariant that was broken.</summary>
/// <param name="Id">Names the invariant, such as <c>first-ratio</c>.</param>
/// <param name="Figure">What was measured.</param>
/// <param name="Limit">What it may be.</param>
/// <param name="Meaning">What that means, in words.</param>
/// <param name="Remedy">What to do.</param>
/// <param name="Stops">Whether the run stops.</param>
public sealed record Alarm(string Id, double Figure, double Limit, string Meaning, string Remedy, bool Stops)
{
    /// <summary>The alarm in one line.</summary>
    public string Line => FormattableString.Invariant($"{Id}: {Meaning} (figure {Figure:G4}, limit {Limit:G4}). {Remedy}");
}

/// <summary>A run stopped by itself, since going on would be wrong.</summary>
public sealed class AlarmException(Alarm alarm) : Exception(alarm.Line)
{
    /// <summary>Why.</summary>
    public Alarm Alarm { get; } = alarm;
}
