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
    private Action<int>? _body;
    private int _items;
    private int _next;
    private int _running;
    private int _generation;
    private int _sleeping;
    private Exception? _fault;
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
        if (_threads.Length == 0 || items <= 1)
        {
            for (var i = 0; i < items; i++)
            {
                body(i);
            }

            return;
        }

        lock (_turn)
        {
            _body = body;
            _items = items;
            _fault = null;
            Volatile.Write(ref _next, 0);
            Volatile.Write(ref _running, _threads.Length);
            Interlocked.Increment(ref _generation);
            if (Volatile.Read(ref _sleeping) > 0)
            {
                WakeAll();
            }

            Drain();
            var spinner = default(SpinWait);
            while (Volatile.Read(ref _running) > 0)
            {
                spinner.SpinOnce(sleep1Threshold: -1);
            }

            _body = null;
            if (_fault is { } fault)
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
        var seen = 0;
        while (!_stop)
        {
            if (!WaitForLoop(seen))
            {
                continue;
            }

            seen = Volatile.Read(ref _generation);
            Drain();
            Interlocked.Decrement(ref _running);
        }
    }

    private bool WaitForLoop(int seen)
    {
        for (var i = 0; i < SpinsBeforeSleep; i++)
        {
            if (Volatile.Read(ref _generation) != seen)
            {
                return true;
            }

            Thread.SpinWait(20);
        }

        // Counted as sleeping before the last look at the generation, so that a loop that starts now wakes this thread.
        // Each sleeper waits for a condition, not for a permit: one that another thread could take in its stead would
        // leave the loop waiting for good.
        Interlocked.Increment(ref _sleeping);
        lock (_bed)
        {
            while (Volatile.Read(ref _generation) == seen && !_stop)
            {
                Monitor.Wait(_bed);
            }
        }

        Interlocked.Decrement(ref _sleeping);
        return Volatile.Read(ref _generation) != seen;
    }

    private void WakeAll()
    {
        lock (_bed)
        {
            Monitor.PulseAll(_bed);
        }
    }

    private void Drain()
    {
        var body = _body!; // Set before the loop's generation is published.
        try
        {
            for (var i = Interlocked.Increment(ref _next) - 1; i < _items; i = Interlocked.Increment(ref _next) - 1)
            {
                body(i);
            }
        }
        catch (Exception error) when (_threads.Length > 0)
        {
            // A thread's border: the fault is thrown again where the loop was started.
            _fault = error;
        }
    }
}
