namespace Reft.Ranks;

/// <summary>Moves bytes between the processes, or threads, of one job. It adds nothing up: what is added is added by Reft, in one order.</summary>
internal interface ICommunicator : IDisposable
{
    /// <summary>Which of the ranks this is, in [0, <see cref="Size"/>).</summary>
    int Rank { get; }

    /// <summary>How many there are.</summary>
    int Size { get; }

    /// <summary>Which of the ranks on this machine, from 0.</summary>
    int LocalRank { get; }

    /// <summary>
    /// Sends a message to every rank and takes one from every rank, whose lengths both sides know; all ranks call it, in the same order. What a
    /// rank sends to itself is copied, or lies where it is to go.
    /// </summary>
    /// <param name="send">The messages, by the rank that they go to.</param>
    /// <param name="receive">Where those that come go, by the rank that they are from.</param>
    /// <exception cref="RankFailedException">A rank is gone, or says nothing.</exception>
    void Exchange(IReadOnlyList<RankBuffer> send, IReadOnlyList<RankBuffer> receive);

    /// <summary>Ends all ranks.</summary>
    /// <param name="reason">Why, for those who wait.</param>
    void Abort(string reason);
}

/// <summary>Bytes in native memory.</summary>
/// <param name="Start">The first.</param>
/// <param name="Bytes">How many, at least 0.</param>
internal readonly record struct RankBuffer(nint Start, long Bytes);

/// <summary>The job of several ranks cannot go on.</summary>
/// <param name="message">Which rank, and why.</param>
internal sealed class RankFailedException(string message) : Exception(message);
