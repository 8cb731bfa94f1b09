using System.Collections.Concurrent;
using System.Diagnostics;
using Reft.Hosting.Workers;
using Reft.Leases;
using Reft.Outside;
using Reft.Ranks;
using Reft.Runs;
using Reft.Tests.Methods;
using Reft.Tests.Training.Runs;
using Reft.Training;
using Reft.Training.Runs;

namespace Reft.Tests.Leases;

/// <summary>Workers by way of a NATS server of the test's own: the bytes of a run without them.</summary>
[Collection(nameof(NatsWorkerTests))]
public sealed class NatsWorkerTests : IDisposable
{
    private const int Steps = 5;

    private readonly TemporaryFolder _folder = new();
    private readonly ConcurrentQueue<string> _notes = new();
    private readonly ConcurrentQueue<string> _said = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Run_WithWorkers_GivesTheBytesOfNone(int count)
    {
        using var nats = NatsProcess.Start();
        Train("one", null);
        using var workers = await Team.StartAsync(nats.Url, count, Say);

        Train("many", nats.Url, "rollouts.workers.checkedShare=0.5");
        await workers.StopAsync();

        Same();
        Assert.Contains(_notes, note => note.StartsWith("workers drew 10 of 10 leases; ", StringComparison.Ordinal));
        Assert.Contains("Run many has ended.", _said);
        Assert.False(Directory.Exists(_folder["many/weights"]));
    }

    [Fact]
    public void Run_NoWorkerComes_TheTrainerDrawsAll()
    {
        using var nats = NatsProcess.Start();
        Train("one", null);
        Train("many", nats.Url, "rollouts.workers.waitSeconds=0.5");

        Same();
    }

    [Fact]
    public async Task Run_TheServerIsKilledAndStartedAgainEmpty_GoesOn()
    {
        using var nats = NatsProcess.Start();
        Train("one", null);
        using var workers = await Team.StartAsync(nats.Url, 1, Say);

        Train("many", nats.Url, After);
        await workers.StopAsync();

        Same();
        Assert.Contains(_notes, note => note.EndsWith(": the run draws its rollouts itself until it is back", StringComparison.Ordinal));
        Assert.Contains("the NATS server is back", _notes);

        void After(long step)
        {
            if (step == 2)
            {
                nats.Kill(forgets: true);
            }
            else if (step == 4)
            {
                nats.Begin();
                Thread.Sleep(3500); // The connection is made anew, and workers are heard of again.
            }
        }
    }

    [Fact]
    public async Task Run_AWorkerFlipsABit_EndsAndNamesIt()
    {
        using var nats = NatsProcess.Start();
        using var workers = await Team.StartAsync(nats.Url, 2, Say, (name, answer) =>
        {
            if (name == "w1")
            {
                answer.Completions[^3] ^= 1;
            }

            return answer;
        });

        var error = Assert.Throws<LeaseException>(() => Train("many", nats.Url, "rollouts.workers.checkedShare=1"));
        await workers.StopAsync();

        Assert.Contains("worker w1", error.Message, StringComparison.Ordinal);
        Assert.Contains("with other bytes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_NoServer_IsRefusedByName()
    {
        var error = Assert.Throws<InputException>(() => Train("many", "nats://127.0.0.1:1"));

        Assert.StartsWith("rollouts.workers.nats: nats://127.0.0.1:1 does not answer", error.Message, StringComparison.Ordinal);
        Assert.False(new RunFolder(_folder["many"]).IsRun);
    }

    [Fact]
    public void Run_ServerWithoutJetStream_IsRefusedByName()
    {
        using var nats = NatsProcess.Start("-n", "plain");

        var error = Assert.Throws<InputException>(() => Train("many", nats.Url));

        Assert.Contains("has no JetStream; start it by nats-server -js", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Worker_ARunOfAnotherVersion_IsRefusedByName()
    {
        using var nats = NatsProcess.Start();
        using var workers = await Team.StartAsync(nats.Url, 1, Say);
        await using var server = await NatsServer.ConnectAsync(nats.Url, "test", "test");
        var notice = new RunNotice(new LeasedRun("a", "b", "other", "/nowhere", 0), new Software("0.0.1", "1.2.3"), 30, HasEnded: false);

        while (_said.All(line => !line.Contains("other", StringComparison.Ordinal)))
        {
            await server.TellAsync(LeaseSubjects.Runs, notice, TestContext.Current.CancellationToken);
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        await workers.StopAsync();

        Assert.Contains(_said, line => line.StartsWith("Run other is computed by Reft 0.0.1 with libtorch 1.2.3; this worker is Reft ", StringComparison.Ordinal));
    }

    /// <summary>Workers that are processes, killed in the middle of their work.</summary>
    [Fact]
    public async Task Run_AWorkerIsKilledAndStartedAgain_GivesTheBytesOfNone()
    {
        using var nats = NatsProcess.Start();
        Train("one", null);
        var killed = 0;
        var worker = Launch();

        Train("many", nats.Url, After, "rollouts.workers.leaseSeconds=1");
        worker.Kill();
        await worker.WaitForExitAsync(TestContext.Current.CancellationToken);
        worker.Dispose();

        Same();
        Assert.Equal(1, killed);

        void After(long step)
        {
            if (step == 2)
            {
                worker.Kill(); // SIGKILL, whatever it does.
                worker.WaitForExit();
                worker.Dispose();
                worker = Launch();
                killed++;
            }
        }

        Process Launch() => CliProcess.Launch("dotnet", [CliProcess.Library, "worker", "--nats", nats.Url, "--threads", "1"]);
    }

    private void Say(string line, bool isWarning) => _said.Enqueue(line);

    private void Same() => ToyRun.AssertSame(ToyRun.Bytes(_folder["one"]), ToyRun.Bytes(_folder["many"]));

    private void Train(string name, string? url, params string[] sets) => Train(name, url, _ => { }, sets);

    private void Train(string name, string? url, Action<long> after, params string[] sets)
    {
        string[] own = url is null ? [] : [$"rollouts.workers={{nats: \"{url}\", problems: 2, waitSeconds: 20}}"];
        var config = MethodRuns.Load(_folder, OutsideCatalog.All, name, "reft", Steps, [.. own, .. sets]);
        using var run = TrainingRun.Prepare(config, new Observer(_notes, after), TimeProvider.System, RankGroup.Alone, NatsLeases.Begin);
        Assert.Equal(RunEnd.Finished, run.Run(resume: false, "test", CancellationToken.None).End);
    }

    private sealed class Observer(ConcurrentQueue<string> notes, Action<long> after) : ITrainingObserver
    {
        public void Stepped(TrainingStep step, long of) => after(step.Step + 1);

        public void Noted(string note, bool isWarning) => notes.Enqueue(note);
    }

    /// <summary>Workers that are threads of this process.</summary>
    private sealed class Team : IDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly List<Task> _tasks = [];

        public static async Task<Team> StartAsync(string url, int count, Action<string, bool> say, Func<string, LeaseAnswer, LeaseAnswer>? sends = null)
        {
            var team = new Team();
            for (var i = 0; i < count; i++)
            {
                var name = $"w{i}";
                var server = await NatsServer.ConnectAsync(url, "test", name);
                team._tasks.Add(Task.Run(async () =>
                {
                    using var worker = new RolloutWorker(server, name, null, say) { Sends = answer => sends?.Invoke(name, answer) ?? answer };
                    await worker.RunAsync(team._stop.Token);
                    await server.DisposeAsync();
                }));
            }

            return team;
        }

        public async Task StopAsync()
        {
            await _stop.CancelAsync();
            await Task.WhenAll(_tasks);
        }

        public void Dispose() => _stop.Dispose();
    }
}
