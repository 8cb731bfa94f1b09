using Reft.Configuration;
using Reft.Leases;
using Reft.Methods;
using Reft.Outside;
using Reft.Ranks;
using Reft.Runs;
using Reft.Tests.Methods;
using Reft.Tests.Ranks;
using Reft.Tests.Training.Runs;
using Reft.Training;
using Reft.Training.Runs;

namespace Reft.Tests.Leases;

/// <summary>A run whose rollouts workers draw leaves the bytes of one without, whatever becomes of them.</summary>
public sealed class LeasedRunTests : IDisposable
{
    private const int Steps = 3;

    private static readonly Catalog _catalog = OutsideCatalog.All;

    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _notes = [];
    private readonly List<MemoryLeases> _made = [];

    /// <summary>All that roll the policy out.</summary>
    public static TheoryData<string> Methods => [.. _catalog.Methods.Where(method => method.Reads.Contains("rollouts")).Select(method => method.Name)];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Run_WithWorkers_GivesTheBytesOfNone(int workers)
    {
        Check("reft", run => new MemoryLeases(run, workers), $"rollouts.workers.waitSeconds={(workers == 0 ? 0.2 : 20)}");

        Assert.Equal(workers > 0, _notes.Exists(note => note.StartsWith("workers drew 6 of 6 leases", StringComparison.Ordinal)));
        Assert.False(Directory.Exists(_folder["many/weights"]));
    }

    [Theory]
    [InlineData("reft", "model.lora={rank: 4, alpha: 8}")]
    [InlineData("rise", "rollouts.slots=3")]
    public void Run_UnderASetting_GivesTheBytesOfNone(string method, string set)
    {
        Check(method, run => new MemoryLeases(run, 2), set);

        Assert.All(_made, leases => Assert.NotEqual(0, leases.Offered));
    }

    [Trait("Category", "Slow")]
    [Theory]
    [InlineData("reft", "model.dtype=bf16")]
    [InlineData("reft", "model.latentSlot=true")]
    [InlineData("reft", "rollouts.minP=0.01")]
    [InlineData("reft", "rollouts.curriculum={type: adaptiveHints}")]
    [InlineData("grpo", "rollouts.slots=1")]
    public void Run_UnderMoreSettings_GivesTheBytesOfNone(string method, string set) => Run_UnderASetting_GivesTheBytesOfNone(method, set);

    [Trait("Category", "Slow")]
    [Theory]
    [MemberData(nameof(Methods))]
    public void Run_OfEveryMethodThatRollsOut_GivesTheBytesOfNone(string method) => Check(method, run => new MemoryLeases(run, 2));

    [Fact]
    public void Run_MessagesAreSmall_GivesTheBytesOfNone() => Check("reft", run => new MemoryLeases(run, 2) { MostBytes = 2200 });

    [Fact]
    public void Run_OfTwoRanks_LeasesEachRanksShare()
    {
        Train("one", "reft", RankGroup.Alone, null);
        RankJob.Run(2, ranks => Train("many", "reft", ranks, run => new MemoryLeases(run, 1)));

        ToyRun.AssertSame(ToyRun.Bytes(_folder["one"]), ToyRun.Bytes(_folder["many"]));
        Assert.Equal(2, _made.Count);
        Assert.All(_made, leases => Assert.NotEqual(0, leases.Offered));
    }

    [Fact]
    public void Identity_OfARunWithWorkers_IsThatOfOneWithout() => Assert.Equal(
        ConfigIdentity.Of(Load("a", "reft", []).Config), ConfigIdentity.Of(Load("a", "reft", ["rollouts.workers={nats: nats://127.0.0.1:1}"]).Config));

    [Fact]
    public void Run_WorkersDieOverTheirLeases_TheTrainerDrawsThem()
    {
        var alive = 3;
        Check(
            "reft", run => new MemoryLeases(run, 3, (_, _, _, answer) => Interlocked.Decrement(ref alive) < 0 ? null : new LeaseAnswered(answer)),
            "rollouts.workers.waitSeconds=0.5");

        Assert.Contains(_notes, note => note.StartsWith("workers drew 3 of ", StringComparison.Ordinal));
        Assert.Contains(_notes, note => note.EndsWith("has ended", StringComparison.Ordinal));
    }

    [Fact]
    public void Run_AWorkerSaysNothingForItsLease_TheTrainerDrawsItWhenTheWaitIsOver()
    {
        var lost = 0;
        Check(
            "reft", run => new MemoryLeases(run, 1, (_, worker, _, answer) => lost++ == 0 ? new WorkerHeard(worker, 0) : new LeaseAnswered(answer)),
            "rollouts.workers.waitSeconds=0.5");

        Assert.Contains(_notes, note => note.StartsWith("workers drew 5 of 6 leases", StringComparison.Ordinal));
    }

    [Fact]
    public void Run_EveryLeaseIsDrawnTwice_AllAreEqual()
    {
        Check("reft", run => new MemoryLeases(run, 2), "rollouts.workers.checkedShare=1");

        Assert.Contains("workers drew 6 of 6 leases; 6 were drawn more than once, with the same bytes", _notes);
    }

    [Fact]
    public void Run_OneWorkerAndEveryLeaseChecked_TheTrainerIsTheSecond()
    {
        Check("reft", run => new MemoryLeases(run, 1), "rollouts.workers.checkedShare=1");

        Assert.Contains("workers drew 6 of 6 leases; 6 were drawn more than once, with the same bytes", _notes);
    }

    [Fact]
    public void Run_AWorkerFlipsABit_EndsAndNamesBoth()
    {
        var error = Assert.Throws<LeaseException>(() => Train("run", "reft", RankGroup.Alone, run => new MemoryLeases(run, 2, Flip), "rollouts.workers.checkedShare=1"));

        // Where w1 alone is there yet, the trainer draws the second copy.
        Assert.Matches("^(worker w0|worker w1|the trainer) and (worker w0|worker w1|the trainer) answered lease 0\\.0\\.. with other bytes \\(sample .*\\)", error.Message);
        Assert.Contains("worker w1", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("draws as w1", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("as neither", error.Message, StringComparison.Ordinal);

        static LeaseNews Flip(MemoryLeases leases, string worker, Lease lease, LeaseAnswer answer)
        {
            if (worker == "w1")
            {
                answer.Completions[^3] ^= 1; // The last log-probability's.
            }

            return new LeaseAnswered(answer);
        }
    }

    [Fact]
    public void Run_AMessageIsDamaged_IsSaidAndDrawnAgain()
    {
        var damaged = 0;
        Check(
            "reft", run => new MemoryLeases(run, 1, (_, _, _, answer) => damaged++ == 0 ? new MessageDamaged("an answer of 9 bytes") : new LeaseAnswered(answer)),
            "rollouts.workers.waitSeconds=0.5");

        Assert.Contains("an answer of 9 bytes: left out", _notes);
    }

    [Fact]
    public void Run_TheServerGoesAndComesBack_SaysSoOnceAndGoesOn()
    {
        var seen = 0;
        Check("reft", run => new MemoryLeases(run, 1, Break));

        Assert.Single(_notes, "the server is gone: the run draws its rollouts itself until it is back");
        Assert.DoesNotContain("the NATS server is back", _notes); // It did not come.

        LeaseNews? Break(MemoryLeases leases, string worker, Lease lease, LeaseAnswer answer)
        {
            leases.Fault = ++seen == 3 ? "the server is gone" : leases.Fault;
            return seen == 3 ? null : new LeaseAnswered(answer);
        }
    }

    [Theory]
    [InlineData("model.products=fastest")]
    public void Run_BytesThatWorkersCannotKeep_IsRefused(string set) => Assert.Contains(
        "rollouts.workers: ", Assert.Throws<InputException>(() => Train("run", "reft", RankGroup.Alone, run => new MemoryLeases(run, 0), set)).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Run_ProgramWithoutCarriers_IsRefused()
    {
        using var run = TrainingRun.Prepare(Load("run", "reft", ["rollouts.workers={nats: nats://127.0.0.1:1}"]), new Observer(_notes), TimeProvider.System);

        Assert.Contains("workers are asked by the program reft", Assert.Throws<InputException>(() => run.Run(false, "test", CancellationToken.None)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_WorkersAndAServer_IsRefused() => Assert.Contains(
        "lease rollouts that the server draws already",
        Assert.Throws<InputException>(() => Load(
            "run", "reft", ["rollouts.workers={nats: nats://127.0.0.1:1}", "rollouts.server={url: http://127.0.0.1:1, model: m, publish: none, acceptsStale: true}"])).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData("problems=0", "is 0: it must be at least 1")]
    [InlineData("checkedShare=1.5", "is 1.5: it must be between 0 and 1")]
    [InlineData("leaseSeconds=0", "is 0: it must be at least 1")]
    [InlineData("waitSeconds=-1", "is -1: it must be at least 0")]
    [InlineData("nats=127.0.0.1:4222", "is '127.0.0.1:4222': it must be an address such as nats://10.0.0.7:4222")]
    public void Load_ValueOutOfRange_IsNamed(string set, string expected) => Assert.Contains(
        $"rollouts.workers.{set.Split('=')[0]}: {expected}",
        Assert.Throws<InputException>(() => Load("run", "reft", ["rollouts.workers={nats: nats://127.0.0.1:1}", $"rollouts.workers.{set}"])).Message,
        StringComparison.Ordinal);

    private void Check(string method, Func<LeasedRun, MemoryLeases> workers, params string[] sets)
    {
        Train("one", method, RankGroup.Alone, null, [.. sets.Where(set => !set.StartsWith("rollouts.workers", StringComparison.Ordinal))]);
        Train("many", method, RankGroup.Alone, workers, sets);

        ToyRun.AssertSame(ToyRun.Bytes(_folder["one"]), ToyRun.Bytes(_folder["many"]));
    }

    private RunEnd Train(string name, string method, RankGroup ranks, Func<LeasedRun, MemoryLeases>? workers, params string[] sets)
    {
        LoadedConfig config;
        lock (_folder)
        {
            string[] own = workers is null ? [] : ["rollouts.workers={nats: nats://127.0.0.1:1, problems: 2, waitSeconds: 20}"];
            config = Load(name, method, [.. own, .. sets]);
        }

        using var run = TrainingRun.Prepare(config, new Observer(_notes), TimeProvider.System, ranks, (section, leased) =>
        {
            var made = workers!(leased); // Asked only where the config has workers.
            lock (_made)
            {
                _made.Add(made);
            }

            return made;
        });
        return run.Run(resume: false, "test", CancellationToken.None).End;
    }

    private LoadedConfig Load(string name, string method, string[] sets) => MethodRuns.Load(_folder, _catalog, name, method, Steps, sets);

    private sealed class Observer(List<string> notes) : ITrainingObserver
    {
        public void Stepped(TrainingStep step, long of)
        {
        }

        public void Noted(string note, bool isWarning)
        {
            lock (notes)
            {
                notes.Add(note);
            }
        }
    }
}
