using Reft.Leases;

namespace Reft.Hosting.Workers;

/// <summary>What trainers and workers call things on a NATS server.</summary>
internal static class LeaseSubjects
{
    /// <summary>Every trainer says here once a second which run it is.</summary>
    public const string Runs = "reft.runs";

    /// <summary>The consumer that all workers of a run share: each lease goes to one of them.</summary>
    public const string Workers = "workers";

    /// <summary>A trainer's notice, and a worker's, come once so often.</summary>
    public static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    /// <summary>The stream of a run, whichever start of it.</summary>
    public static string Stream(string run) => $"REFT_{run}";

    /// <summary>Where a run's leases go.</summary>
    public static string Lease(string token, string lease) => $"reft.lease.{token}.{lease}";

    /// <summary>Where a run's answers go.</summary>
    public static string Answer(string token, string lease) => $"reft.answer.{token}.{lease}";

    /// <summary>Where workers tell a run that they are there.</summary>
    public static string Presence(string token) => $"reft.worker.{token}";
}

/// <summary>What a trainer says of its run.</summary>
/// <param name="Run">The run.</param>
/// <param name="Software">What it is computed by; a worker must be the same.</param>
/// <param name="LeaseSeconds">After how many seconds without a sign a lease goes to another worker.</param>
/// <param name="HasEnded">Whether this is the last notice.</param>
internal sealed record RunNotice(LeasedRun Run, Software Software, double LeaseSeconds, bool HasEnded);

/// <summary>What a worker says of itself.</summary>
/// <param name="Worker">What it is called.</param>
/// <param name="Progress">Grows with its work.</param>
/// <param name="HasEnded">Whether this is the last notice.</param>
internal sealed record WorkerNotice(string Worker, long Progress, bool HasEnded);
