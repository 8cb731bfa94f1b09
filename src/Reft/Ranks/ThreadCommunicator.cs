namespace Reft.Ranks;

/// <summary>Ranks that are threads of this process: what tests run, and as many of them as they like.</summary>
internal sealed unsafe class ThreadCommunicator : ICommunicator
{
    private readonly Hub _hub;

    private ThreadCommunicator(Hub hub, int rank)
    {
        _hub = hub;
        Rank = rank;
    }

    /// <inheritdoc/>
    public int Rank { get; }

    /// <inheritdoc/>
    public int Size => _hub.Sent.Length;

    /// <inheritdoc/>
    public int LocalRank => Rank;

    /// <summary>Makes communicators that talk to one another, each to be used by one thread.</summary>
    /// <param name="size">How many.</param>
    /// <param name="change">Told of every message that arrives (from, to, it), which it may change; null for nobody.</param>
    public static ThreadCommunicator[] Make(int size, Action<int, int, RankBuffer>? change = null)
    {
        var hub = new Hub(size, change);
        return [.. Enumerable.Range(0, size).Select(rank => new ThreadCommunicator(hub, rank))];
    }

    /// <inheritdoc/>
    public void Exchange(IReadOnlyList<RankBuffer> send, IReadOnlyList<RankBuffer> receive)
    {
        _hub.Sent[Rank] = send;
        _hub.Wait();
        for (var from = 0; from < Size; from++)
        {
            var message = _hub.Sent[from]![Rank]; // All have set theirs.
            if (message.Bytes != receive[from].Bytes)
            {
                throw new RankFailedException($"rank {Rank} waits for {receive[from].Bytes} bytes of rank {from}, which sends {message.Bytes}");
            }

            Buffer.MemoryCopy((void*)message.Start, (void*)receive[from].Start, receive[from].Bytes, message.Bytes);
            _hub.Change?.Invoke(from, Rank, receive[from]);
        }

        _hub.Wait(); // Nobody changes what others still read.
    }

    /// <inheritdoc/>
    public void Abort(string reason) => _hub.Break(reason);

    /// <inheritdoc/>
    public void Dispose()
    {
        // The hub is of managed memory alone.
    }

    private sealed class Hub(int size, Action<int, int, RankBuffer>? change)
    {
        private readonly object _gate = new();
        private int _here;
        private long _round;
        private string? _broken;

        public IReadOnlyList<RankBuffer>?[] Sent { get; } = new IReadOnlyList<RankBuffer>?[size];

        public Action<int, int, RankBuffer>? Change => change;

        public void Wait()
        {
            lock (_gate)
            {
                var round = _round;
                if (++_here == size)
                {
                    _here = 0;
                    _round++;
                    Monitor.PulseAll(_gate);
                }

                while (_broken is null && round == _round)
                {
                    Monitor.Wait(_gate);
                }

                if (_broken is not null)
                {
                    throw new RankFailedException(_broken);
                }
            }
        }

        public void Break(string reason)
        {
            lock (_gate)
            {
                _broken ??= reason;
                Monitor.PulseAll(_gate);
            }
        }
    }
}
