using System.Collections.Concurrent;

namespace Reft.Supervision;

/// <summary>What a run is doing at this moment, written by the work and read by a watchdog on another thread.</summary>
public sealed class Heartbeat
{
    private const int Named = 4;

    private readonly ConcurrentDictionary<long, string> _open = new();
    private volatile string _phase = "starting";
    private volatile string _detail = "";
    private long _beats;

    /// <summary>The phase, such as <c>rollout</c>.</summary>
    public string Phase => _phase;

    /// <summary>What in that phase: a sample's id, a count. Where pieces of work are open, those, the oldest first.</summary>
    public string Detail
    {
        get
        {
            var open = _open.ToArray();
            return open.Length == 0
                ? _detail
                : string.Join(", ", open.OrderBy(pair => pair.Key).Take(Named).Select(pair => pair.Value))
                    + (open.Length > Named ? $" and {open.Length - Named} more" : "");
        }
    }

    /// <summary>Grows with every sign of life.</summary>
    public long Beats => Interlocked.Read(ref _beats);

    /// <summary>Says what is being done now.</summary>
    public void Beat(string phase, string detail)
    {
        _phase = phase;
        _detail = detail;
        Interlocked.Increment(ref _beats);
    }

    /// <summary>Says that a piece of work has begun, one of several at a time; any thread may call it.</summary>
    /// <param name="detail">Which: a sample's id.</param>
    /// <returns>To be disposed when it has ended.</returns>
    public IDisposable Begin(string detail)
    {
        var ticket = Interlocked.Increment(ref _beats);
        _open[ticket] = detail;
        return new Work(this, ticket);
    }

    private sealed class Work(Heartbeat owner, long ticket) : IDisposable
    {
        public void Dispose()
        {
            owner._open.TryRemove(ticket, out _);
            Interlocked.Increment(ref owner._beats);
        }
    }
}
