using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using NATS.Client.Core;
using NATS.Client.JetStream;
using Reft.Leases;

namespace Reft.Hosting.Workers;

/// <summary>Draws the leases of whatever runs there are, until it is told to end.</summary>
/// <param name="server">Where runs are heard of.</param>
/// <param name="name">What it is called; no two may be called alike.</param>
/// <param name="weights">The folder of weights as this machine sees it; null for where trainers say.</param>
/// <param name="say">Told what it does, a line at a time; whether it is a warning.</param>
internal sealed class RolloutWorker(NatsServer server, string name, string? weights, Action<string, bool> say) : IDisposable
{
    private static readonly TimeSpan _wait = TimeSpan.FromSeconds(1); // JetStream's least.
    private static readonly TimeSpan _silence = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan _soon = TimeSpan.FromMilliseconds(10);

    private readonly ConcurrentDictionary<string, (RunNotice Notice, long Heard)> _runs = new(StringComparer.Ordinal);
    private readonly HashSet<string> _refused = new(StringComparer.Ordinal);
    private readonly Dictionary<string, INatsJSConsumer> _consumers = new(StringComparer.Ordinal);
    private readonly HashSet<(string Lease, int Copy)> _done = [];
    private LeasedModel? _model;
    private string? _token;
    private long _progress;

    /// <summary>Leases that it has answered.</summary>
    public int Leases { get; private set; }

    /// <summary>Tokens that it has drawn.</summary>
    public long Tokens { get; private set; }

    /// <summary>What it sends of what it drew; the same, but for who tries what becomes of others.</summary>
    internal Func<LeaseAnswer, LeaseAnswer> Sends { get; init; } = answer => answer;

    /// <summary>Works until it is told to end; a lease that it has then is given back.</summary>
    /// <exception cref="InputException">A run's weights cannot be read here.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task[] beside = [ListenAsync(end.Token), BeatAsync(end.Token)];
        try
        {
            while (!cancellation.IsCancellationRequested)
            {
                Forget();
                var runs = _runs.Values.Select(run => run.Notice).ToArray();
                var served = 0;
                foreach (var run in runs)
                {
                    served += await ServeAsync(run, isAlone: runs.Length == 1, cancellation) ? 1 : 0;
                }

                if (served == 0 && runs.Length != 1)
                {
                    await Task.Delay(_pause, cancellation);
                }
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Asked to.
        }
        finally
        {
            await TellAsync(hasEnded: true, CancellationToken.None);
            await end.CancelAsync();
            await Task.WhenAll(beside);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _model?.Dispose();

    /// <summary>Hears of runs.</summary>
    private async Task ListenAsync(CancellationToken cancellation)
    {
        try
        {
            await foreach (var message in server.Connection.SubscribeAsync<byte[]>(LeaseSubjects.Runs, cancellationToken: cancellation))
            {
                if (NatsServer.Read<RunNotice>(message.Data) is { Run: { } run } notice)
                {
                    Hear(run, notice);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // It ends.
        }
    }

    private void Hear(LeasedRun run, RunNotice notice)
    {
        if (notice.HasEnded)
        {
            if (_runs.TryRemove(run.Token, out _))
            {
                say($"Run {run.Name} has ended.", false);
            }
        }
        else if (notice.Software == Software.Own)
        {
            if (!_runs.ContainsKey(run.Token))
            {
                say($"Run {run.Name} is there.", false);
            }

            _runs[run.Token] = (notice, Stopwatch.GetTimestamp());
        }
        else if (_refused.Add(run.Token))
        {
            say($"Run {run.Name} is computed by {notice.Software}; this worker is {Software.Own}, whose last digits may be others: it takes no lease of it.", true);
        }
    }

    private void Forget()
    {
        foreach (var (token, (notice, heard)) in _runs)
        {
            if (Stopwatch.GetElapsedTime(heard) > _silence && _runs.TryRemove(token, out _))
            {
                say($"Run {notice.Run.Name} says nothing any more.", true);
            }
        }
    }

    /// <summary>Says once a second that it is there.</summary>
    private async Task BeatAsync(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(LeaseSubjects.Beat);
        try
        {
            do
            {
                await TellAsync(hasEnded: false, cancellation);
            }
            while (await timer.WaitForNextTickAsync(cancellation));
        }
        catch (OperationCanceledException)
        {
            // It ends.
        }
    }

    private async Task TellAsync(bool hasEnded, CancellationToken cancellation)
    {
        var notice = new WorkerNotice(name, Interlocked.Read(ref _progress), hasEnded);
        foreach (var token in _runs.Keys)
        {
            try
            {
                await server.TellAsync(LeaseSubjects.Presence(token), notice, cancellation);
            }
            catch (NatsException)
            {
                return; // The server is gone: nobody hears it, and it is told again.
            }
        }
    }

    /// <summary>Takes one lease of a run, if there is one; where there is no other run, it waits for one.</summary>
    private async Task<bool> ServeAsync(RunNotice notice, bool isAlone, CancellationToken cancellation)
    {
        try
        {
            if (!_consumers.TryGetValue(notice.Run.Token, out var consumer))
            {
                consumer = await server.Streams.GetConsumerAsync(LeaseSubjects.Stream(notice.Run.Id), LeaseSubjects.Workers, cancellation);
                _consumers[notice.Run.Token] = consumer;
            }

            var message = isAlone ? await consumer.NextAsync<byte[]>(opts: new NatsJSNextOpts { Expires = _wait }, cancellationToken: cancellation) : null;
            if (!isAlone)
            {
                await foreach (var one in consumer.FetchNoWaitAsync<byte[]>(new NatsJSFetchOpts { MaxMsgs = 1 }, cancellationToken: cancellation))
                {
                    message = one;
                }
            }

            if (message is { Data: { } data })
            {
                await AnswerAsync(notice, message, Lease.FromBytes(data), cancellation);
                return true;
            }
        }
        catch (LeaseException error)
        {
            say($"{error.Message}: left out.", true); // It goes to somebody when its time is over.
        }
        catch (Exception error) when (error is NatsException or TimeoutException || (error is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            // The run ends, or the server is gone; the connection makes itself anew.
            _consumers.Remove(notice.Run.Token);
            await Task.Delay(_wait, cancellation);
        }

        return false;
    }

    private async Task AnswerAsync(RunNotice notice, INatsJSMsg<byte[]> message, Lease lease, CancellationToken cancellation)
    {
        if (_done.Contains((lease.Id, lease.Copy)) && _token == notice.Run.Token)
        {
            await message.AckAsync(cancellationToken: cancellation); // Its answer is there; that it had answered was lost.
            return;
        }

        if (_done.Contains((lease.Id, 1 - lease.Copy)) && _token == notice.Run.Token)
        {
            // The second copy is for another one: who errs in the same way twice is not found out.
            await message.NakAsync(new AckOpts { NakDelay = _soon }, cancellation);
            await Task.Delay(_pause, cancellation);
            return;
        }

        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var keeping = KeepAsync(notice, message, end.Token);
        try
        {
            var clock = Stopwatch.StartNew();
            var drawn = Draw(notice, lease, cancellation);
            var answer = Sends(drawn).ToBytes();
            var told = await server.Streams.PublishAsync(
                LeaseSubjects.Answer(notice.Run.Token, lease.Id), answer,
                opts: new NatsJSPubOpts { MsgId = string.Create(CultureInfo.InvariantCulture, $"{notice.Run.Token}.{lease.Id}.{lease.Copy}.{name}") },
                cancellationToken: CancellationToken.None);
            told.EnsureSuccess();
            _done.Add((lease.Id, lease.Copy));
            await message.AckAsync(new AckOpts { DoubleAck = true }, CancellationToken.None);
            Count(notice, lease, drawn, clock.Elapsed, isTakenOver: lease.Copy == 0 && message.Metadata?.NumDelivered > 1);
        }
        catch (StaleLeaseException)
        {
            await message.AckTerminateAsync(cancellationToken: CancellationToken.None);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            await message.NakAsync(cancellationToken: CancellationToken.None);
            say($"Lease {lease.Id} of run {notice.Run.Name} is given back.", false);
            throw;
        }
        catch (InputException)
        {
            await message.NakAsync(cancellationToken: CancellationToken.None);
            throw;
        }
        finally
        {
            await end.CancelAsync();
            await keeping;
        }
    }

    private LeaseAnswer Draw(RunNotice notice, Lease lease, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _progress);
        if (_token != notice.Run.Token)
        {
            var folder = weights is null ? notice.Run.Weights : Path.Combine(weights, notice.Run.Token);
            _model?.Dispose();
            _model = null;
            _done.Clear();
            _model = LeasedModel.Open(folder);
            _token = notice.Run.Token;
            say(string.Create(CultureInfo.InvariantCulture, $"Run {notice.Run.Name}: {_model.Parameters:N0} parameters from {folder}."), false);
        }

        return _model!.Draw(lease, name, () => Interlocked.Increment(ref _progress), cancellation); // It was opened with the token.
    }

    private void Count(RunNotice notice, Lease lease, LeaseAnswer drawn, TimeSpan took, bool isTakenOver)
    {
        var tokens = drawn.Read(lease.Requests).Sum(completion => (long)completion.Tokens.Length);
        Leases++;
        Tokens += tokens;
        say(
            string.Create(
                CultureInfo.InvariantCulture,
                $"Run {notice.Run.Name}, step {lease.Step + 1}: {lease.Requests.Count} completions, {tokens:N0} tokens in {took.TotalSeconds:0.0} s"
                + $"{(lease.Copy > 0 ? ", as a check" : isTakenOver ? ", taken over" : "")}."),
            false);
    }

    /// <summary>Keeps a lease as long as the work on it gets on; where it stands still, somebody else gets it.</summary>
    private async Task KeepAsync(RunNotice notice, INatsJSMsg<byte[]> message, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(notice.LeaseSeconds / 4));
        var before = -1L;
        try
        {
            while (await timer.WaitForNextTickAsync(cancellation))
            {
                var now = Interlocked.Read(ref _progress);
                if (now > before)
                {
                    await message.AckProgressAsync(cancellationToken: cancellation);
                }

                before = now;
            }
        }
        catch (Exception error) when (error is OperationCanceledException or NatsException)
        {
            // It is answered, or the server is gone, and with it the lease.
        }
    }
}
