using System.Collections.Concurrent;
using static TorchSharp.torch;

namespace Reft.Numerics;

/// <summary>
/// Threads that each compute a piece by itself, libtorch and the kernels running in one thread each, instead of sharing every operation.
/// Small models gain by it: threads that share an operation wait for one another at the end of each, and pieces do not.
/// </summary>
/// <remarks>
/// Pieces are begun in their order, and take turns at what they do to things they share, so that the result is that of one piece after the other.
/// </remarks>
internal static class Lanes
{
    private static readonly BlockingCollection<Action> Waiting = [];
    private static readonly Lock Gate = new();
    private static int _threads;

    [ThreadStatic]
    private static bool _isLane;

    /// <summary>Whether the calling thread is a lane, and computes alone.</summary>
    public static bool IsLane => _isLane;

    /// <summary>Does pieces of work, and waits for all.</summary>
    /// <param name="lanes">How many at a time, at most; with 1 the calling thread does all, with the threads it has.</param>
    /// <param name="pieces">How many there are.</param>
    /// <param name="work">Does a piece; must not change what others read except in a turn.</param>
    public static void Run(int lanes, int pieces, Action<int, Turns> work)
    {
        var turns = new Turns();
        lanes = Math.Min(lanes, pieces);
        if (lanes <= 1 || IsLane)
        {
            for (var piece = 0; piece < pieces; piece++)
            {
                work(piece, turns);
            }

            return;
        }

        Start(lanes);
        var next = -1;
        using var ended = new CountdownEvent(lanes);
        for (var lane = 0; lane < lanes; lane++)
        {
            Waiting.Add(Drain);
        }

        ended.Wait();
        turns.Rethrow();

        void Drain()
        {
            for (var piece = Interlocked.Increment(ref next); piece < pieces && !turns.IsBroken; piece = Interlocked.Increment(ref next))
            {
                try
                {
                    work(piece, turns);
                }
                catch (Exception error)
                {
                    // A thread's border: the caller gets it.
                    turns.Break(piece, error);
                }
            }

            ended.Signal();
        }
    }

    private static void Start(int lanes)
    {
        lock (Gate)
        {
            if (_threads >= lanes)
            {
                return;
            }

            var own = get_num_threads();
            using var ready = new CountdownEvent(lanes - _threads);
            for (; _threads < lanes; _threads++)
            {
                new Thread(() => Live(ready)) { IsBackground = true, Name = $"reft-lane-{_threads + 1}" }.Start();
            }

            ready.Wait();
            // Each thread has a number of its own, but those to come begin with the one that was set last, anywhere.
            set_num_threads(own);
        }
    }

    private static void Live(CountdownEvent ready)
    {
        _isLane = true;
        get_num_threads(); // A thread's first question sets its number to the process's; after that its own stays.
        set_num_threads(1);
        ready.Signal();
        foreach (var work in Waiting.GetConsumingEnumerable())
        {
            work();
        }
    }
}
