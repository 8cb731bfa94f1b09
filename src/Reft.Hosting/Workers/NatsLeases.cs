using System.Collections.Concurrent;
using System.Globalization;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;
using Reft.Configuration;
using Reft.Leases;

namespace Reft.Hosting.Workers;

/// <summary>
/// The trainer's side of JetStream. A run has a stream, whose messages are gone when they are acknowledged: leases, which the run's workers take from
/// one consumer, and answers, which each rank takes from its own. Who is there is told beside it, and kept nowhere.
/// </summary>
internal sealed class NatsLeases : ILeaseCarrier
{
    private const int Room = 8192; // What a message carries besides its bytes.

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _age = TimeSpan.FromDays(1);

    private readonly NatsServer _server;
    private readonly RunNotice _notice;
    private readonly BlockingCollection<LeaseNews> _news = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _tasks = [];
    private readonly List<(string Lease, ulong Place)> _offered = [];
    private CancellationTokenSource _connected = new();
    private volatile string? _fault;

    private NatsLeases(NatsServer server, RunNotice notice)
    {
        _server = server;
        _notice = notice;
        MostBytes = server.Connection.ServerInfo!.MaxPayload - Room; // It is connected.
        server.Connection.ConnectionDisconnected += (_, _) =>
        {
            _fault = $"the NATS server at {server.Url} is gone";
            _connected.Cancel();
            return ValueTask.CompletedTask;
        };
    }

    private LeasedRun Run => _notice.Run;

    private string Stream => LeaseSubjects.Stream(Run.Id);

    /// <inheritdoc/>
    public int MostBytes { get; }

    /// <inheritdoc/>
    public string? Fault => _fault;

    /// <summary>Connects, and tells workers that there is a run.</summary>
    /// <exception cref="InputException">There is no server, or no JetStream.</exception>
    public static ILeaseCarrier Begin(WorkersSection section, LeasedRun run) => BeginAsync(section, run).GetAwaiter().GetResult();

    /// <inheritdoc/>
    public bool Offer(IReadOnlyList<Lease> leases) => Try(async cancellation =>
    {
        foreach (var lease in leases)
        {
            var id = string.Create(CultureInfo.InvariantCulture, $"{lease.Id}.{lease.Copy}");
            var told = await _server.Streams.PublishAsync(
                LeaseSubjects.Lease(Run.Token, lease.Id), lease.ToBytes(), opts: new NatsJSPubOpts { MsgId = $"{Run.Token}.{id}" }, cancellationToken: cancellation);
            told.EnsureSuccess();
            _offered.Add((lease.Id, told.Seq));
        }
    });

    /// <inheritdoc/>
    public void Withdraw(string? lease)
    {
        // One by one: a purge by subject makes the consumer of nats-server 2.9 pass over leases of others.
        var offers = _offered.Where(offer => lease is null || offer.Lease == lease).ToArray();
        _offered.RemoveAll(offers.Contains);
        Try(cancellation => Task.WhenAll(offers.Select(offer => DeleteAsync(offer.Place, cancellation))));
    }

    /// <inheritdoc/>
    public LeaseNews? Take(TimeSpan wait) => _news.TryTake(out var news, wait) ? news : null;

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Cancel();
        _connected.Cancel();
        if (Run.Rank == 0 && _fault is null)
        {
            Try(async cancellation =>
            {
                await _server.TellAsync(LeaseSubjects.Runs, _notice with { HasEnded = true }, cancellation);
                await _server.Streams.DeleteStreamAsync(Stream, cancellation);
            });
        }

        Task.WhenAll(_tasks).Wait(_patience);
        _server.DisposeAsync().AsTask().Wait(_patience);
        _news.Dispose();
        _connected.Dispose();
        _stop.Dispose();
    }

    private static async Task<ILeaseCarrier> BeginAsync(WorkersSection section, LeasedRun run)
    {
        var server = await NatsServer.ConnectAsync(section.Nats, "rollouts.workers.nats", $"reft train {run.Name}");
        var leases = new NatsLeases(server, new RunNotice(run, Software.Own, section.LeaseSeconds, HasEnded: false));
        try
        {
            if (run.Rank == 0)
            {
                // An earlier start may have been killed; what it asked for is nobody's.
                await leases.RemoveStreamAsync();
            }

            await leases.MakeStreamAsync(CancellationToken.None);
        }
        catch (Exception error) when (error is NatsException or OperationCanceledException)
        {
            await server.DisposeAsync();
            throw new InputException($"rollouts.workers.nats: {server.Url} refuses the stream of the run ({OneLine.Of(error.Message)})", error);
        }

        leases._tasks.AddRange([leases.HearAsync(), leases.AnswersAsync()]);
        if (run.Rank == 0)
        {
            leases._tasks.Add(leases.AnnounceAsync());
        }

        return leases;
    }

    private async Task DeleteAsync(ulong place, CancellationToken cancellation)
    {
        try
        {
            await _server.Streams.DeleteMessageAsync(Stream, new StreamMsgDeleteRequest { Seq = place, NoErase = true }, cancellation);
        }
        catch (NatsJSApiException)
        {
            // It has been done: it is gone with its acknowledgement.
        }
    }

    private async Task RemoveStreamAsync()
    {
        try
        {
            await _server.Streams.DeleteStreamAsync(Stream);
        }
        catch (NatsJSApiException error) when (error.Error.Code == 404)
        {
            // There is none.
        }
    }

    private async Task<INatsJSConsumer> MakeStreamAsync(CancellationToken cancellation)
    {
        await _server.Streams.CreateOrUpdateStreamAsync(
            new StreamConfig(Stream, [LeaseSubjects.Lease(Run.Token, ">"), LeaseSubjects.Answer(Run.Token, ">")])
            {
                Retention = StreamConfigRetention.Workqueue,
                MaxAge = _age,
            },
            cancellation);
        await _server.Streams.CreateOrUpdateConsumerAsync(
            Stream,
            new ConsumerConfig(LeaseSubjects.Workers)
            {
                FilterSubject = LeaseSubjects.Lease(Run.Token, ">"),
                AckPolicy = ConsumerConfigAckPolicy.Explicit,
                AckWait = TimeSpan.FromSeconds(_notice.LeaseSeconds),
                MaxDeliver = -1,
            },
            cancellation);
        return await _server.Streams.CreateOrUpdateConsumerAsync(
            Stream,
            new ConsumerConfig(string.Create(CultureInfo.InvariantCulture, $"rank-{Run.Rank}"))
            {
                FilterSubject = LeaseSubjects.Answer(Run.Token, string.Create(CultureInfo.InvariantCulture, $"{Run.Rank}.>")),
                AckPolicy = ConsumerConfigAckPolicy.Explicit,
                MaxDeliver = -1,
            },
            cancellation);
    }

    private async Task AnnounceAsync()
    {
        using var timer = new PeriodicTimer(LeaseSubjects.Beat);
        do
        {
            try
            {
                await _server.TellAsync(LeaseSubjects.Runs, _notice, _stop.Token);
            }
            catch (Exception error) when (error is NatsException or OperationCanceledException)
            {
                // The server is gone; it is told again when it is back.
            }
        }
        while (await WaitAsync(timer));
    }

    private async Task HearAsync()
    {
        try
        {
            await foreach (var message in _server.Connection.SubscribeAsync<byte[]>(LeaseSubjects.Presence(Run.Token), cancellationToken: _stop.Token))
            {
                if (NatsServer.Read<WorkerNotice>(message.Data) is { } notice)
                {
                    _news.Add(notice.HasEnded ? new WorkerGone(notice.Worker) : new WorkerHeard(notice.Worker, notice.Progress));
                }
            }
        }
        catch (Exception error) when (error is OperationCanceledException or NatsException)
        {
            // The run has ended.
        }
    }

    /// <summary>Takes answers. Where the connection breaks it begins anew, for a server that was started again may have nothing left.</summary>
    private async Task AnswersAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, _connected.Token);
                var consumer = await MakeStreamAsync(cancellation.Token);
                _fault = null;
                await foreach (var message in consumer.ConsumeAsync<byte[]>(cancellationToken: cancellation.Token))
                {
                    _news.Add(Read(message.Data ?? []));
                    await message.AckAsync(cancellationToken: cancellation.Token);
                }
            }
            catch (Exception error) when (error is NatsException or OperationCanceledException or TimeoutException)
            {
                if (_stop.IsCancellationRequested)
                {
                    return;
                }

                _fault ??= $"the NATS server at {_server.Url} does not answer ({OneLine.Of(error.Message)})";
                _connected = new CancellationTokenSource();
                await Task.WhenAny(Task.Delay(LeaseSubjects.Beat, _stop.Token));
            }
        }
    }

    private static LeaseNews Read(byte[] bytes)
    {
        try
        {
            return new LeaseAnswered(LeaseAnswer.FromBytes(bytes));
        }
        catch (LeaseException error)
        {
            return new MessageDamaged(error.Message);
        }
    }

    private async Task<bool> WaitAsync(PeriodicTimer timer)
    {
        try
        {
            return await timer.WaitForNextTickAsync(_stop.Token);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Does what the server may be too dead for.</summary>
    private bool Try(Func<CancellationToken, Task> talk)
    {
        if (_fault is not null)
        {
            return false;
        }

        using var limit = new CancellationTokenSource(_patience);
        try
        {
            talk(limit.Token).GetAwaiter().GetResult();
            return true;
        }
        catch (Exception error) when (error is NatsException or OperationCanceledException or TimeoutException)
        {
            return false;
        }
    }
}
