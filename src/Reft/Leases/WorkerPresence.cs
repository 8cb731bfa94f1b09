namespace Reft.Leases;

/// <summary>Which workers are there, and when one of them last got on.</summary>
/// <param name="wait">How long the run waits without news.</param>
/// <param name="clock">Tells the time.</param>
internal sealed class WorkerPresence(TimeSpan wait, TimeProvider clock)
{
    /// <summary>Workers tell that they are there once a second; so many seconds of silence, and one is not counted on.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, (long Heard, long Progress)> _workers = new(StringComparer.Ordinal);
    private readonly long _begun = clock.GetTimestamp();
    private long _news = clock.GetTimestamp();

    /// <summary>Those that are there.</summary>
    public IReadOnlyCollection<string> Present => [.. _workers.Where(pair => clock.GetElapsedTime(pair.Value.Heard) < _patience).Select(pair => pair.Key)];

    /// <summary>Whether workers may yet come, since the run has only begun.</summary>
    public bool IsEarly => _workers.Count == 0 && clock.GetElapsedTime(_begun) < wait;

    /// <summary>Whether none of them has got on for too long.</summary>
    public bool IsSilent => clock.GetElapsedTime(_news) >= wait;

    /// <summary>The wait for news begins now.</summary>
    public void Begin() => _news = clock.GetTimestamp();

    /// <summary>A worker is there.</summary>
    /// <param name="worker">Who.</param>
    /// <param name="progress">Grows with its work.</param>
    /// <param name="isNew">Whether it was not there before.</param>
    /// <returns>Whether it has got on.</returns>
    public bool Hear(string worker, long progress, out bool isNew)
    {
        isNew = !_workers.TryGetValue(worker, out var before);
        var getsOn = isNew || progress > before.Progress;
        var now = clock.GetTimestamp();
        _news = getsOn ? now : _news;
        _workers[worker] = (now, Math.Max(progress, before.Progress));
        return getsOn;
    }

    /// <summary>A worker has answered.</summary>
    public void Answer(string worker)
    {
        _ = Hear(worker, 0, out _);
        _news = clock.GetTimestamp();
    }

    /// <summary>A worker has ended.</summary>
    public void Leave(string worker) => _workers.Remove(worker);
}
