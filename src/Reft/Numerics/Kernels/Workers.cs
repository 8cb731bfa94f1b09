namespace Reft.Numerics.Kernels;

/// <summary>
/// A team of threads for short parallel loops. The members spin briefly between loops, since a decode step
/// starts dozens of them a few microseconds apart, and then sleep.
/// </summary>
internal sealed unsafe class Workers : IDisposable
{
    private const int SpinsBeforeSleep = 4000;

    private readonly Thread[] _threads;
    private readonly Lock _turn = new();
    private readonly object _bed = new();
    private volatile Loop? _loop;
    private int _sleeping;
    private volatile bool _stop;
    private readonly ThreadLocal<Scratch> _panels = new(() => new Scratch(), trackAllValues: true);
    private readonly ThreadLocal<Scratch> _inputs = new(() => new Scratch(), trackAllValues: true);

    /// <summary>Starts the team; the calling thread is its first member.</summary>
    /// <param name="count">Threads in all, at least 1.</param>
    public Workers(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        _threads = new Thread[count - 1];
        for (var i = 0; i < _threads.Length; i++)
        {
            _threads[i] = new Thread(Work) { IsBackground = true, Name = $"reft-kernel-{i + 1}" };
            _threads[i].Start();
        }
    }

    /// <summary>Threads in all.</summary>
    public int Count => _threads.Length + 1;

    /// <summary>Runs <paramref name="body"/> for every item in [0, items), in no fixed order, and waits.</summary>
    /// <remarks>Which thread runs an item must not change its result. Not reentrant: one loop at a time.</remarks>
    public void For(int items, Action<int> body)
    {
        if (_threads.Length == 0 || items <= 1 || Lanes.IsLane)
        {
            for (var i = 0; i < items; i++)
            {
                body(i);
            }

            return;
        }

        lock (_turn)
        {
            var loop = new Loop(items, body);
            _loop = loop;
            // The loop is published before the sleepers are counted, and they count themselves before a last look at it.
            Interlocked.MemoryBarrier();
            if (Volatile.Read(ref _sleeping) > 0)
            {
                WakeAll();
            }

            loop.Drain();
            var spinner = default(SpinWait);
            while (!loop.IsDone)
            {
                spinner.SpinOnce(sleep1Threshold: -1);
            }

            if (loop.Fault is { } fault)
            {
                throw new InvalidOperationException($"a kernel failed: {fault.Message}", fault);
            }
        }
    }

    /// <summary>The calling thread's scratch memory for a widened panel.</summary>
    public float* PanelScratch(long floats) => _panels.Value!.Take(floats); // The factory never gives null.

    /// <summary>The calling thread's scratch memory for a widened input, filled before its loop waits for its turn.</summary>
    public float* InputScratch(long floats) => _inputs.Value!.Take(floats); // The factory never gives null.

    /// <summary>Ends the threads.</summary>
    public void Dispose()
    {
        _stop = true;
        WakeAll();
        foreach (var thread in _threads)
        {
            thread.Join();
        }

        foreach (var scratch in _panels.Values.Concat(_inputs.Values))
        {
            scratch.Dispose();
        }

        _panels.Dispose();
        _inputs.Dispose();
    }

    private void Work()
    {
        Loop? seen = null;
        while (!_stop)
        {
            if (WaitForLoop(seen) is { } loop)
            {
                loop.Drain();
                seen = loop;
            }
        }
    }

    /// <summary>The next loop; null when the team ends.</summary>
    private Loop? WaitForLoop(Loop? seen)
    {
        for (var i = 0; i < SpinsBeforeSleep; i++)
        {
            if (_loop is { } loop && loop != seen)
            {
                return loop;
            }

            Thread.SpinWait(20);
        }

        // Counted as sleeping before the last look at the loop, so that one that starts now wakes this thread. Each
        // sleeper waits for a condition, not for a permit: one that another thread could take in its stead would
        // leave this thread asleep.
        Interlocked.Increment(ref _sleeping);
        lock (_bed)
        {
            while (_loop == seen && !_stop)
            {
                Monitor.Wait(_bed);
            }
        }

        Interlocked.Decrement(ref _sleeping);
        return _stop ? null : _loop;
    }

    private void WakeAll()
    {
        lock (_bed)
        {
            Monitor.PulseAll(_bed);
        }
    }

    /// <summary>
    /// One loop's items. It is done when every item is, not when every thread has come by: a thread that the system has
    /// put aside holds nobody up unless it took an item, and one that comes late finds nothing left.
    /// </summary>
    private sealed class Loop(int items, Action<int> body)
    {
        private int _next;
        private int _done;

        public bool IsDone => Volatile.Read(ref _done) == items;

        public Exception? Fault { get; private set; }

        public void Drain()
        {
            for (var i = Interlocked.Increment(ref _next) - 1; i < items; i = Interlocked.Increment(ref _next) - 1)
            {
                try
                {
                    body(i);
                }
                catch (Exception error)
                {
                    // A thread's border: the fault is thrown again where the loop was started.
                    Fault = error;
                }

                Interlocked.Increment(ref _done);
            }
        }
    }
}
