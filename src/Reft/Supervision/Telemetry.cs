using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Reft.Supervision;

/// <summary>
/// What Reft tells listeners of <see cref="System.Diagnostics"/>: figures of the meter, and spans of the activity source, both named
/// <see cref="Name"/> (docs/telemetry.md). Where nobody listens nothing is measured or allocated.
/// </summary>
internal static class Telemetry
{
    /// <summary>The name of the meter and of the activity source.</summary>
    public const string Name = "Reft";

    /// <summary>Figures.</summary>
    public static Meter Meter { get; } = new(Name);

    /// <summary>Spans.</summary>
    public static ActivitySource Source { get; } = new(Name);
}
