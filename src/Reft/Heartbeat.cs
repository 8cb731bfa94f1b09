namespace Reft;

/// <summary>What a run is doing at this moment, written by the work and read by a watchdog on another thread.</summary>
public sealed class Heartbeat
{
    private volatile string _phase = "starting";
    private volatile string _detail = "";
    private long _beats;

    /// <summary>The phase, such as <c>rollout</c>.</summary>
    public string Phase => _phase;

    /// <summary>What in that phase: a sample's id, a count.</summary>
    public string Detail => _detail;

    /// <summary>Grows with every sign of life.</summary>
    public long Beats => Interlocked.Read(ref _beats);

    /// <summary>Says what is being done now.</summary>
    public void Beat(string phase, string detail)
    {
        _phase = phase;
        _detail = detail;
        Interlocked.Increment(ref _beats);
    }
}
