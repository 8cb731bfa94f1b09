namespace Reft.Configuration;

/// <summary>
/// Workers that draw rollouts for the run: <c>reft worker</c> on any machine, which may come and go. They change how long a run takes, and nothing else.
/// </summary>
public sealed record WorkersSection
{
    /// <summary>Where the NATS server is, with JetStream, such as <c>nats://10.0.0.7:4222</c>.</summary>
    public required string Nats { get; init; }

    /// <summary>The folder that the weights are written to, which workers see too; absent for <c>weights</c> in the run's folder.</summary>
    public string? Weights { get; init; }

    /// <summary>Problems of a lease, with all of their samples.</summary>
    public int Problems { get; init; } = 8;

    /// <summary>After how many seconds without a sign of its worker a lease goes to another one.</summary>
    public double LeaseSeconds { get; init; } = 30;

    /// <summary>The share of leases that are drawn twice, by two workers, and compared.</summary>
    public double CheckedShare { get; init; }

    /// <summary>After how many seconds without news of a worker the run draws what is left itself; 0 for drawing along with them.</summary>
    public double WaitSeconds { get; init; } = 30;

    /// <summary>Every value that is out of range, each line beginning with its path.</summary>
    public IReadOnlyList<string> Validate(string path) =>
    [
        .. new RangeErrors(path)
            .AtLeast("problems", Problems, 1)
            .Check(LeaseSeconds >= 1, "leaseSeconds", LeaseSeconds, "at least 1")
            .Check(CheckedShare is >= 0 and <= 1, "checkedShare", CheckedShare, "between 0 and 1")
            .Check(WaitSeconds >= 0, "waitSeconds", WaitSeconds, "at least 0")
            .All,
        .. IsAddress(Nats) ? [] : new[] { $"{(path.Length == 0 ? "" : path + ".")}nats is {OneLine.Quote(Nats)}: it must be an address such as nats://10.0.0.7:4222" },
    ];

    /// <summary>Whether a text is the address of a NATS server.</summary>
    internal static bool IsAddress(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "nats" or "tls" && uri.Host.Length > 0;
}
