using System.Text.Json.Nodes;
using Reft.Configuration;
using Reft.Diagnosis;
using Reft.Methods;
using Reft.Outside;
using Reft.Replay;
using Reft.Reporting;
using Reft.Runs;
using Reft.Tests.Configuration;
using Reft.Tests.Training.Runs;
using Reft.Training;
using Reft.Training.Runs;

namespace Reft.Tests.Methods;

/// <summary>What every method of the catalog must do, and one that comes from outside.</summary>
public sealed class MethodContractTests : IDisposable
{
    private const int Steps = 5;

    private static readonly Catalog _catalog = OutsideCatalog.All;

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Methods => [.. _catalog.MethodNames];

    public static TheoryData<string> Own => [.. Catalog.Default.MethodNames];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Methods))]
    public void Run_StoppedAndResumed_GivesTheSameBytes(string method)
    {
        Assert.Equal(RunEnd.Finished, Run("unbroken", method, Steps + 1, resume: false));
        Assert.Equal(RunEnd.Stopped, Run("broken", method, 3, resume: false));
        Assert.Equal(RunEnd.Finished, Run("broken", method, Steps + 1, resume: true));

        ToyRun.AssertSame(ToyRun.Bytes(_folder["unbroken"]), ToyRun.Bytes(_folder["broken"]));
    }

    [Trait("Category", "Slow")]
    [Theory]
    [MemberData(nameof(Methods))]
    public void Run_MicroBatchesSideBySide_GivesTheSameBytes(string method)
    {
        Run("one", method, Steps + 1, resume: false, "training.microBatchTokens=300", "training.microBatchesAtOnce=1");
        Run("three", method, Steps + 1, resume: false, "training.microBatchTokens=300", "training.microBatchesAtOnce=3");

        ToyRun.AssertSame(ToyRun.Bytes(_folder["one"]), ToyRun.Bytes(_folder["three"]));
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void Run_SplitIntoMicroBatches_LearnsTheSame(string method)
    {
        Run("whole", method, Steps + 1, resume: false, "training.microBatchTokens=100000", "training.steps=1", "optimizer.warmupShare=0");
        Run("split", method, Steps + 1, resume: false, "training.microBatchTokens=200", "training.steps=1", "optimizer.warmupShare=0");

        var (whole, split) = (Figure("whole", "optimizer/gradient_norm"), Figure("split", "optimizer/gradient_norm"));
        Assert.InRange(split, whole - (1e-4 * Math.Abs(whole)) - 1e-7, whole + (1e-4 * Math.Abs(whole)) + 1e-7);
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void Forecast_SaysStepsUpdatesAndMemory(string method)
    {
        using var run = TrainingRun.Prepare(Load("plan", method), new Nobody(), TimeProvider.System);

        var forecast = run.Forecast();

        Assert.Equal(Steps, forecast.Steps);
        Assert.True(forecast.Updates >= Steps, $"{forecast.Updates} updates");
        Assert.Contains(forecast.Memory, part => part.Part == "moments" && part.Bytes > 0);
        Assert.Equal(run.Config.Reads("rollouts"), forecast.Memory.Single(part => part.Part == "key/value cache").Bytes > 0);
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void FinishedRun_CanBeReportedExaminedAndReplayed(string method)
    {
        Run("run", method, Steps + 1, resume: false);
        var folder = new RunFolder(_folder["run"]);

        Assert.Equal(method, RunReader.Read(folder.Path, new ReportLimits()).Method);
        AssertDescribed(_catalog.Of(method), folder);
        var diagnosis = RunDoctor.Examine(folder, _catalog);
        Assert.Equal("finished", diagnosis.State);
        Assert.All(diagnosis.Findings, finding => Assert.DoesNotContain('{', finding.Remedy));
        var (known, settings) = (_catalog.Of(method), new ReplaySettings([], true, null, null) { Catalog = _catalog });
        var canReplay = known.Again(ConfigFile.Load(folder.Config, [], _catalog, isOfRun: true).Config) is not null;
        Assert.Equal(canReplay, diagnosis.Commands.Any(command => command.Contains("replay", StringComparison.Ordinal)));
        if (canReplay)
        {
            var replayed = RunReplay.Run(folder, settings, default);
            Assert.Null(replayed.Difference);
            Assert.Equal(Steps, replayed.Steps.Count);
            AssertFirstLoss(replayed, folder);
        }
        else
        {
            var refused = Assert.Throws<InputException>(() => RunReplay.Run(folder, settings, default));
            Assert.Contains(
                known.Reads.Contains("rollouts") ? known.Unreplayed is { } missing ? $"no file of a run has {missing}" : "does not work out again" : "rolls nothing out", refused.Message, StringComparison.Ordinal);
        }
    }

    /// <summary>Where a step has one update, its loss is the first.</summary>
    private static void AssertFirstLoss(ReplayResult replayed, RunFolder folder)
    {
        foreach (var (step, line) in replayed.Steps.Zip(File.ReadLines(folder.Metrics)))
        {
            var figures = JsonNode.Parse(line)!; // A line of a run.
            if (figures["loss/policy"] is { } policy && figures["value/mean"] is null && (double)figures["mask/loss_tokens"]! > 0)
            {
                Assert.Equal((double)policy, step.Before.PolicyLoss, 1e-5 * (1 + Math.Abs((double)policy)));
                Assert.Equal(step.Before, step.After);
            }

            if (figures["rejection/learned_sequences"] is { } learned && (int)learned > 0)
            {
                Assert.Equal((double)figures["loss/nll"]!, step.Before.Loss, 1e-5); // Something was learned.
            }
        }
    }

    [Fact]
    public void EveryMethodThatRollsOut_CanBeReplayed() =>
        // What was attended to, and prefixes under prompts of their own and samples that waited, are not in the files of a run.
        Assert.Equal(
            ["abc", "taco", "upft"],
            Catalog.Default.Methods.Where(method => method.Reads.Contains("rollouts") && method.Again(MethodMetrics.Least(method)) is null)
                .Select(method => method.Name).Order());

    [Theory]
    [InlineData("rloo", "reward.partial=0")]
    [InlineData("grpo", "grpo.scale=none")]
    [InlineData("reinforce-plus-plus", "reinforcePlusPlus.klCoefficient=0.5")]
    [InlineData("dr-grpo", "drGrpo.constantLength=3")]
    public void Replay_UnderAnotherSetting_IsWhatARunWithItWouldBegin(string method, string set)
    {
        Run("run", method, Steps + 1, resume: false, "rollouts={maxTokens: 8, samplesPerProblem: 4}");
        Run("other", method, Steps + 1, resume: false, "rollouts={maxTokens: 8, samplesPerProblem: 4}", set);

        var replayed = RunReplay.Run(new RunFolder(_folder["run"]), new ReplaySettings([set], false, null, 0) { Catalog = _catalog }, default);

        // The first step of both is drawn from the same weights.
        Assert.Equal(Figure("other", "loss/policy"), replayed.Steps[0].After.PolicyLoss, 1e-5);
    }

    [Theory]
    [InlineData("grpo", "grpo.clipLow=0.1", "cannot show what this does; it can change reward.*, answers.policy, answers.engine, grpo.klCoefficient, grpo.scale,")]
    [InlineData("dr-grpo", "ppo.lambda=1", "cannot show what this does")]
    [InlineData("remax", "reward.error=0.3", "greedy completions")]
    public void Replay_SettingThatCannotBeShown_IsRefused(string method, string set, string expected)
    {
        Run("run", method, Steps + 1, resume: false);

        var refused = Assert.Throws<InputException>(() => RunReplay.Run(
            new RunFolder(_folder["run"]), new ReplaySettings([set, "reward.noAnswer=0.3"], false, null, null) { Catalog = _catalog }, default));

        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Replay_FigureChanged_IsNamed()
    {
        Run("run", "rejection-sampling", Steps + 1, resume: false);
        var path = new RunFolder(_folder["run"]).Metrics;
        var lines = File.ReadAllLines(path);
        var line = JsonNode.Parse(lines[1])!; // A line of a run.
        line["rejection/learned_sequences"] = 1 + (double)line["rejection/learned_sequences"]!; // Every step has it.
        File.WriteAllLines(path, [lines[0], line.ToJsonString(), .. lines[2..]]);

        var replayed = RunReplay.Run(new RunFolder(_folder["run"]), new ReplaySettings([], false, null, null) { Catalog = _catalog }, default);

        Assert.StartsWith("step 1: rejection/learned_sequences is ", replayed.Difference, StringComparison.Ordinal);
    }

    /// <summary>A method describes what it writes, all of it, and writes what it describes.</summary>
    private static void AssertDescribed(IMethod method, RunFolder folder)
    {
        string[] known = ["step", "epoch", "rollouts"]; // What a line is of.
        var written = File.ReadLines(folder.Metrics)
            .SelectMany(line => JsonNode.Parse(line)!.AsObject().Select(pair => pair.Key)).Except(known).ToHashSet(StringComparer.Ordinal); // Lines of a run.
        var described = MethodMetrics.Of(method);

        Assert.Empty(written.Except(described.Select(metric => metric.Name)));
        // Of a loss there are figures where something was learned, which a fresh model need not give.
        if (File.ReadLines(folder.Metrics).Any(line => (double)JsonNode.Parse(line)!["mask/loss_tokens"]! > 0))
        {
            Assert.Empty(described.Where(metric => !metric.IsSometimes).Select(metric => metric.Name).Except(written));
        }

        var timed = File.ReadLines(folder.Timings).SelectMany(line => JsonNode.Parse(line)!.AsObject().Select(pair => pair.Key)); // The same.
        Assert.Empty(TrainerMetrics.OfTheProcess.Where(metric => !metric.IsSometimes).Select(metric => metric.Name).Except(timed));
    }

    [Theory]
    [MemberData(nameof(Own))]
    public void Method_HasAPreset(string method) =>
        Assert.Contains(Configs.Presets, preset => Configs.Read(Configs.TextOf(preset)).Method == method);

    [Theory]
    [MemberData(nameof(Methods))]
    public void Method_DescribesItself(string name)
    {
        var method = _catalog.Of(name);

        Assert.False(string.IsNullOrWhiteSpace(method.Summary) || string.IsNullOrWhiteSpace(method.Citation));
        Assert.DoesNotContain('\n', method.Summary);
        Assert.NotEmpty(method.Formulas);
        Assert.Contains($"| `{name}` | {method.Summary} | `{method.Options.Name}` |", MethodTable.Write(_catalog), StringComparison.Ordinal);
        Assert.All(method.Reads, path => Assert.Contains(path, Catalog.Default.Methods.SelectMany(m => m.Reads)));
    }

    [Fact]
    public void Page_IsWhatTheCatalogSays()
    {
        var path = Path.Combine(ArchitectureTests.Repository(), "docs", "method-keys.md");
        var page = MethodTable.Write(Catalog.Default);
        if (Environment.GetEnvironmentVariable("REFT_UPDATE_SNAPSHOTS") == "1")
        {
            File.WriteAllText(path, page);
        }

        Assert.Equal(page, File.ReadAllText(path).ReplaceLineEndings("\n"));
    }

    [Theory]
    [InlineData("fixture.leastTokens=-1", "fixture.leastTokens: is -1: it must be at least 0")]
    [InlineData("fixture.leastTokens=9", "fixture.leastTokens: is more than a completion has")]
    [InlineData("fixture.least=9", "fixture.least: is not a key here")]
    [InlineData("ppo.epochs=1", "ppo: is not read by method fixture, only by ")]
    [InlineData("model.dropout=true", "model.dropout: is not read by method fixture, only by ")]
    [InlineData("method=fixtur", "method: is 'fixtur': it must be one of ")]
    public void MethodFromOutside_IsInTheErrorsOfConfigs(string set, string expected)
    {
        var error = Assert.Throws<InputException>(() => Load("run", "fixture", set));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void MethodFromOutside_IsNotThereWithoutItsCatalog()
    {
        var error = Assert.Throws<InputException>(() => Configs.Read(Configs.Least, "method=fixture"));

        Assert.Contains("method: is 'fixture': it must be one of ", error.Message, StringComparison.Ordinal);
    }

    private double Figure(string run, string name) =>
        (double)JsonNode.Parse(File.ReadLines(new RunFolder(_folder[run]).Metrics).First())![name]!; // A step was trained.

    private RunEnd Run(string name, string method, int stopAfter, bool resume, params string[] sets)
    {
        using var stop = new CancellationTokenSource();
        using var run = TrainingRun.Prepare(Load(name, method, sets), new Nobody { Stop = stop, After = stopAfter }, TimeProvider.System);
        return run.Run(resume, "test", stop.Token).End;
    }

    private LoadedConfig Load(string name, string method, params string[] sets) => MethodRuns.Load(_folder, _catalog, name, method, Steps, sets);

    private sealed class Nobody : ITrainingObserver
    {
        public CancellationTokenSource? Stop { get; init; }

        public int After { get; init; }

        public void Stepped(TrainingStep step, long of)
        {
            if (step.Step + 1 == After)
            {
                Stop?.Cancel();
            }
        }

        public void Noted(string note, bool isWarning)
        {
        }
    }
}
