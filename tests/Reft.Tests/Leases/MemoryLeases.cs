using System.Collections.Concurrent;
using Reft.Leases;

namespace Reft.Tests.Leases;

/// <summary>Workers that are threads, and take their leases from memory.</summary>
internal sealed class MemoryLeases : ILeaseCarrier
{
    private readonly BlockingCollection<LeaseNews> _news = [];
    private readonly List<Lease> _waiting = [];
    private readonly HashSet<(string Worker, string Lease)> _taken = [];
    private readonly Thread[] _threads;
    private readonly LeasedRun _run;
    private readonly Func<MemoryLeases, string, Lease, LeaseAnswer, LeaseNews?> _tell;
    private readonly CancellationTokenSource _stop = new();

    /// <param name="run">The run.</param>
    /// <param name="workers">How many workers.</param>
    /// <param name="tell">What a worker tells of what it drew; null for nothing: it is dead from then on.</param>
    public MemoryLeases(LeasedRun run, int workers, Func<MemoryLeases, string, Lease, LeaseAnswer, LeaseNews?>? tell = null)
    {
        _run = run;
        _tell = tell ?? ((_, _, _, answer) => new LeaseAnswered(answer));
        _threads = [.. Enumerable.Range(0, workers).Select(i => new Thread(() => Work($"w{i}")) { IsBackground = true })];
        Array.ForEach(_threads, thread => thread.Start());
    }

    public int MostBytes { get; init; } = 1 << 20;

    public string? Fault { get; set; }

    public int Offered { get; private set; }

    public bool Offer(IReadOnlyList<Lease> leases)
    {
        lock (_waiting)
        {
            _waiting.AddRange(leases.Select(lease => Lease.FromBytes(lease.ToBytes())));
            Offered += leases.Count;
        }

        return true;
    }

    public void Withdraw(string? lease)
    {
        lock (_waiting)
        {
            _waiting.RemoveAll(one => lease is null || one.Id == lease);
        }
    }

    public LeaseNews? Take(TimeSpan wait) => _news.TryTake(out var news, wait) ? news : null;

    /// <summary>Gives a lease to somebody else.</summary>
    public void GiveBack(Lease lease) => Offer([lease]);

    public void Dispose()
    {
        _stop.Cancel();
        Array.ForEach(_threads, thread => thread.Join());
    }

    private void Work(string name)
    {
        LeasedModel? model = null;
        var progress = 0L;
        while (!_stop.IsCancellationRequested)
        {
            _news.Add(new WorkerHeard(name, progress));
            if (Next(name) is not { } lease)
            {
                Thread.Sleep(2);
                continue;
            }

            model ??= LeasedModel.Open(_run.Weights);
            var answer = model.Draw(lease, name, () => progress++, CancellationToken.None);
            if (_tell(this, name, lease, answer) is not { } news)
            {
                _news.Add(new WorkerGone(name));
                break;
            }

            _news.Add(news);
        }

        model?.Dispose();
    }

    private Lease? Next(string name)
    {
        lock (_waiting)
        {
            var lease = _waiting.FirstOrDefault(one => !_taken.Contains((name, one.Id)));
            if (lease is not null)
            {
                _waiting.Remove(lease);
                _taken.Add((name, lease.Id));
            }

            return lease;
        }
    }
}
