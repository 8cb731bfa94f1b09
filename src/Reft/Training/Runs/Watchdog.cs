using Reft.Training.Invariants;

namespace Reft.Training.Runs;

/// <summary>Says what a run is at when nothing has moved for long. It watches from a thread of its own and stops nothing.</summary>
internal sealed class Watchdog : IDisposable
{
    private readonly Heartbeat _heartbeat;
    private readonly ITrainingObserver _observer;
    private readonly int _seconds;
    private readonly Timer? _timer;
    private long _seen = -1;

    /// <summary>Starts watching.</summary>
    public Watchdog(Heartbeat heartbeat, InvariantOptions options, ITrainingObserver observer)
    {
        _heartbeat = heartbeat;
        _observer = observer;
        _seconds = options.WatchdogSeconds;
        if (!options.Off.Contains(InvariantCatalog.Watchdog))
        {
            var period = TimeSpan.FromSeconds(_seconds);
            _timer = new Timer(_ => Look(), null, period, period);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer?.Dispose();

    private void Look()
    {
        var beats = _heartbeat.Beats;
        if (Interlocked.Exchange(ref _seen, beats) == beats)
        {
            _observer.Noted(
                $"{InvariantCatalog.Watchdog}: nothing has moved for {_seconds} s; the run is at {_heartbeat.Phase}, "
                + $"{_heartbeat.Detail}. If that sample hangs, report it; if the machine is slow, raise invariants.watchdogSeconds",
                isWarning: true);
        }
    }
}
