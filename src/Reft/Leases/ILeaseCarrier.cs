using Reft.Configuration;

namespace Reft.Leases;

/// <summary>
/// Carries leases to workers, and what they answer back. It promises little: a lease may be done twice, an answer may come twice, and both may be lost
/// with the server. <see cref="LeasedCompletions"/> needs no more.
/// </summary>
internal interface ILeaseCarrier : IDisposable
{
    /// <summary>The most bytes of a message.</summary>
    int MostBytes { get; }

    /// <summary>Why nothing gets through at the moment; null where it does.</summary>
    string? Fault { get; }

    /// <summary>Offers leases to whoever takes them first.</summary>
    /// <returns>Whether all of them are on their way.</returns>
    bool Offer(IReadOnlyList<Lease> leases);

    /// <summary>Takes leases back that nobody has begun; whoever has begun one may still answer.</summary>
    /// <param name="lease">Which; null for all that this process has offered.</param>
    void Withdraw(string? lease);

    /// <summary>What came in; null where nothing has come within a time.</summary>
    LeaseNews? Take(TimeSpan wait);
}

/// <summary>What comes in from workers.</summary>
/// <param name="Worker">Who.</param>
internal abstract record LeaseNews(string Worker);

/// <summary>A worker has answered a lease.</summary>
internal sealed record LeaseAnswered(LeaseAnswer Answer) : LeaseNews(Answer.Worker);

/// <summary>A worker is there, whether it works or waits for work.</summary>
/// <param name="Worker">Who.</param>
/// <param name="Progress">Grows with its work: tokens, and leases that it has begun.</param>
internal sealed record WorkerHeard(string Worker, long Progress) : LeaseNews(Worker);

/// <summary>A worker has ended.</summary>
internal sealed record WorkerGone(string Worker) : LeaseNews(Worker);

/// <summary>A message came that is not what was sent, and is left out.</summary>
/// <param name="What">What it was, in words.</param>
internal sealed record MessageDamaged(string What) : LeaseNews("");

/// <summary>Makes the carrier of a run's leases.</summary>
internal delegate ILeaseCarrier LeaseCarrierMaker(WorkersSection section, LeasedRun run);

/// <summary>A run that has workers.</summary>
/// <param name="Id">Names its folder: the same whenever it goes on.</param>
/// <param name="Start">Names this start of it: leases of another one are nobody's.</param>
/// <param name="Name">What it is called, for people.</param>
/// <param name="Weights">The folder of its weights.</param>
/// <param name="Rank">The rank that asks.</param>
internal sealed record LeasedRun(string Id, string Start, string Name, string Weights, int Rank)
{
    /// <summary>Names this start among all runs.</summary>
    public string Token => $"{Id}-{Start}";
}
