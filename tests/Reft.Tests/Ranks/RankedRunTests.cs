using Reft.Configuration;
using Reft.Methods;
using Reft.Outside;
using Reft.Ranks;
using Reft.Runs;
using Reft.Tests.Methods;
using Reft.Tests.Training.Runs;
using Reft.Training;
using Reft.Training.Runs;

namespace Reft.Tests.Ranks;

/// <summary>A run of several ranks leaves the bytes of one.</summary>
public sealed class RankedRunTests : IDisposable
{
    private const int Steps = 5;

    private static readonly string[] _small = ["training.microBatchTokens=150"];
    private static readonly Catalog _catalog = OutsideCatalog.All;

    private readonly TemporaryFolder _folder = new();

    /// <summary>All but the one whose loss reads whole distributions.</summary>
    public static TheoryData<string> Methods => [.. _catalog.MethodNames.Where(name => name != "hir")];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("sft", 2)]
    [InlineData("reft", 2)]
    [InlineData("reft", 5)]
    [InlineData("online-self-training", 3)]
    [InlineData("grpo", 3)]
    [InlineData("sft", 8)]
    [InlineData("reft", 8)]
    public void Run_OfSeveralRanks_GivesTheBytesOfOne(string method, int size) => Check(method, size);

    [Trait("Category", "Slow")]
    [Theory]
    [MemberData(nameof(Methods))]
    public void Run_OfEveryMethod_GivesTheBytesOfOne(string method) => Check(method, 3);

    [Fact]
    public void Run_OfAMethodThatReadsDistributions_IsRefused() => Assert.Contains(
        "reads the distributions of all tokens", Assert.Throws<InputException>(() => Run("run", "hir", 2, Steps + 1, resume: false)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("reft", "model.dtype=bf16")]
    [InlineData("reft", "model.separateValueNetwork=true")]
    [InlineData("reft", "model.lora={rank: 4, alpha: 8}")]
    [InlineData("sft", "model.activationCheckpointing=true")]
    [InlineData("latent", "latent.gradient=noise")]
    public void Run_UnderASetting_GivesTheBytesOfOne(string method, string set) => Check(method, 2, set);

    [Theory]
    [InlineData("reft", 3)]
    [InlineData("sft", 4)]
    public void Run_WhoseGradientsAreAddedInATree_GivesTheBytesOfOne(string method, int size)
    {
        Check(method, size, "training.gradientLeaves=4");
        Run("lanes", method, 1, Steps + 1, resume: false, "training.gradientLeaves=4", "training.microBatchesAtOnce=3");
        ToyRun.AssertSame(ToyRun.Bytes(_folder["one"]), ToyRun.Bytes(_folder["lanes"]));

        Run("row", method, 1, Steps + 1, resume: false);
        Assert.NotEqual(ToyRun.Bytes(_folder["row"])["metrics.jsonl"], ToyRun.Bytes(_folder["one"])["metrics.jsonl"]); // By last digits.
    }

    // What ranks with GPUs do, with the operators of the CPU.
    [Fact]
    public void Run_OfDevicesStagedThroughTheHost_GivesTheBytesOfOne() => Check("sft", 3, "model.device=cpu:libtorch");

    [Theory]
    [InlineData(1, 3)]
    [InlineData(3, 1)]
    [InlineData(2, 4)]
    public void Run_StoppedAndGoneOnWithByAnotherNumber_GivesTheSameBytes(int before, int after)
    {
        Run("unbroken", "reft", 1, Steps + 1, resume: false);
        Assert.All(Run("broken", "reft", before, 3, resume: false), end => Assert.Equal(RunEnd.Stopped, end));
        Assert.All(Run("broken", "reft", after, Steps + 1, resume: true), end => Assert.Equal(RunEnd.Finished, end));

        ToyRun.AssertSame(ToyRun.Bytes(_folder["unbroken"]), ToyRun.Bytes(_folder["broken"]));
    }

    [Fact]
    public void Run_MessageWithAFlippedBit_EndsAndNamesIt()
    {
        var messages = 0;
        var error = Assert.Throws<RankFailedException>(() => RankJob.Run(2, ranks => Train("run", "sft", ranks, Steps, resume: false, _small), Flip));

        Assert.Contains("is not what was sent (its checksum differs)", error.Message, StringComparison.Ordinal);
        Assert.Contains("from rank ", error.Message, StringComparison.Ordinal);

        unsafe void Flip(int from, int to, RankBuffer message)
        {
            if (from != to && message.Bytes > 1000 && Interlocked.Increment(ref messages) == 20)
            {
                *((byte*)message.Start + (message.Bytes / 2)) ^= 4;
            }
        }
    }

    [Fact]
    public void Run_OneRankOfOtherSettings_EndsAndNamesIt()
    {
        var error = Assert.Throws<RankFailedException>(() => RankJob.Run(
            3, ranks => Train("run", "sft", ranks, Steps, resume: false, [$"optimizer.learningRate={(ranks.Rank == 2 ? "1e-3" : "2e-3")}"])));

        Assert.StartsWith("ranks differ in the version of Reft, or what the run starts from: rank 0 has ", error.Message, StringComparison.Ordinal);
        Assert.Contains("rank 2 has ", error.Message, StringComparison.Ordinal);
        Assert.False(new RunFolder(_folder["run"]).IsRun);
    }

    [Theory]
    [InlineData("model.products=fastest", true)]
    [InlineData("model.products=exact", false)]
    public void Notes_OfWhatHangsOnTheBatch_SayThatTheNumberOfRanksMatters(string set, bool isSaid)
    {
        var config = MethodRuns.Load(_folder, _catalog, "run", "sft", Steps, [set]);

        var notes = RankJob.Run(2, ranks =>
        {
            using var run = TrainingRun.Prepare(config, new Stopper(new CancellationTokenSource(), 1), TimeProvider.System, ranks);
            return run.Notes;
        });

        Assert.All(notes, own => Assert.Equal(isSaid, own.Any(note => note.Contains("another number of ranks", StringComparison.Ordinal))));
    }

    private void Check(string method, int size, params string[] sets)
    {
        Run("one", method, 1, Steps + 1, resume: false, sets);
        Run("many", method, size, Steps + 1, resume: false, sets);

        ToyRun.AssertSame(ToyRun.Bytes(_folder["one"]), ToyRun.Bytes(_folder["many"]));
    }

    private RunEnd[] Run(string name, string method, int size, int stopAfter, bool resume, params string[] sets) => size == 1
        ? [Train(name, method, RankGroup.Alone, stopAfter, resume, [.. _small, .. sets])]
        : RankJob.Run(size, ranks => Train(name, method, ranks, stopAfter, resume, [.. _small, .. sets]));

    private RunEnd Train(string name, string method, RankGroup ranks, int stopAfter, bool resume, string[] sets)
    {
        using var stop = new CancellationTokenSource();
        var observer = new Stopper(stop, stopAfter);
        LoadedConfig config;
        lock (_folder) // Some methods' samples are written beside.
        {
            config = MethodRuns.Load(_folder, _catalog, name, method, Steps, sets);
        }

        using var run = TrainingRun.Prepare(config, observer, TimeProvider.System, ranks);
        return run.Run(resume, "test", stop.Token).End;
    }

    private sealed class Stopper(CancellationTokenSource stop, int after) : ITrainingObserver
    {
        public void Stepped(TrainingStep step, long of)
        {
            if (step.Step + 1 == after)
            {
                stop.Cancel();
            }
        }

        public void Noted(string note, bool isWarning)
        {
        }
    }
}
