using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Reft.Hosting;
using Reft.Methods;
using Reft.Reproduction.Sweeps;

namespace Reft.Tests.Reproduction;

public sealed class SweepTests : IDisposable
{
    private readonly ToyComparison _toy = new();

    public SweepTests() => File.WriteAllText(_toy["sweep.yaml"], $$"""
        method: sft
        run: {{_toy["runs"]}}
        seed: 5
        model: { fresh: { layers: 1, width: 32, heads: 2, feedForward: 48, context: 96, vocabulary: 300 } }
        problems:
          train: { file: {{_toy["train.jsonl"]}} }
          dev: { file: {{_toy["dev.jsonl"]}} }
          test: { file: {{_toy["test.jsonl"]}} }
        answers: { style: number }
        training: { epochs: 3, batchSize: 4, maxTokens: 96 }
        optimizer: { learningRate: 3e-3, schedule: constant }
        evaluation: { everyEpochs: 1, maxTokens: 8, slots: 2 }
        """);

    public void Dispose() => _toy.Dispose();

    [Fact]
    public async Task Sweep_GridAndSeeds_ChoosesByDevAndLooksAtTestWithTheChosenAlone()
    {
        var run = await RunAsync("--over", "optimizer.learningRate=1e-9,3e-3", "--over", "training.batchSize=4,8", "--seeds", "2", "--output", _toy["s"]);

        Assert.True(run.Code == App.Done, run.Error);
        Assert.Contains("4 settings × 2 seeds, into ", run.Error, StringComparison.Ordinal);
        string[] names = ["learningRate=1e-9,batchSize=4", "learningRate=1e-9,batchSize=8", "learningRate=3e-3,batchSize=4", "learningRate=3e-3,batchSize=8"];
        // What each run found by itself, in the file that it says it in.
        var dev = names.ToDictionary(name => name, name => new[] { 5, 6 }.Select(seed => Best(Path.Combine(_toy["s"], name, $"seed-{seed}"))).ToArray());
        var means = dev.ToDictionary(pair => pair.Key, pair => pair.Value.Average());
        var expected = names.OrderByDescending(name => means[name]).ToArray();
        using var json = JsonDocument.Parse(File.ReadAllText(_toy["s/sweep.json"]));
        var rows = json.RootElement.GetProperty("table").EnumerateArray().ToArray();
        Assert.Equal(expected, rows.Select(row => row.GetProperty("name").GetString()));
        Assert.Equal(expected[0], json.RootElement.GetProperty("chosen").GetString());
        foreach (var row in rows)
        {
            var own = dev[row.GetProperty("name").GetString()!]; // It is there: the names are equal.
            Assert.Equal(own.Average(), row.GetProperty("dev").GetProperty("value").GetDouble(), 12);
            Assert.Equal(own, row.GetProperty("seeds").EnumerateArray().Select(seed => seed.GetProperty("dev").GetProperty("value").GetDouble()));
            Assert.Equal(Math.Sqrt(Math.Pow(own[0] - own[1], 2) / 2), row.GetProperty("spread").GetProperty("standardDeviation").GetDouble(), 12);
        }

        string[] looked = [.. Directory.GetFiles(_toy["s"], "*test*.json", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(_toy["s"], file)).Order(StringComparer.Ordinal)];
        Assert.Equal([$"{expected[0]}/seed-5.test.json", $"{expected[0]}/seed-6.test.json"], looked);
        Assert.Equal(2, File.ReadLines(_toy["s/test-looks.jsonl"]).Count());
        Assert.Contains($"Dev chose {expected[0]} of 4", run.Output, StringComparison.Ordinal);
        Assert.Contains("On test the chosen has ", run.Output, StringComparison.Ordinal);
        Assert.Contains("| learningRate | batchSize | dev | ± seeds |", run.Output, StringComparison.Ordinal);

        // One value more: what is there is not run again.
        var before = File.GetLastWriteTimeUtc(Path.Combine(_toy["s"], names[2], "seed-5", "metrics.jsonl"));
        run = await RunAsync("--over", "optimizer.learningRate=3e-3", "--over", "training.batchSize=4,11", "--seeds", "2", "--output", _toy["s"], "--json");
        Assert.True(run.Code == App.Done, run.Error);
        using var second = JsonDocument.Parse(run.Output);
        Assert.Equal(2, second.RootElement.GetProperty("table").GetArrayLength());
        Assert.Equal(before, File.GetLastWriteTimeUtc(Path.Combine(_toy["s"], names[2], "seed-5", "metrics.jsonl")));
        Assert.Contains("[4/4] learningRate=3e-3,batchSize=11/seed-6", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("[1/4]", run.Error, StringComparison.Ordinal);

        // Another setting under the same names.
        run = await RunAsync("--over", "optimizer.learningRate=3e-3", "--over", "training.batchSize=4", "--set", "training.epochs=2", "--output", _toy["s"]);
        Assert.Equal(App.BadInput, run.Code);
        Assert.Contains("epochs", run.Error, StringComparison.Ordinal);
        Assert.Contains("name another folder with --output", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_StoppedAgainAndAgain_EndsInTheSameFigures()
    {
        using var unbroken = new ToyComparison.Observer();
        var whole = Finish(_toy["whole"], unbroken)!; // It is not stopped.
        var stops = 0;
        string? broken = null;
        while (broken is null)
        {
            using var observer = new ToyComparison.Observer(stopAt: 1 + (unbroken.Moments * (1 + (stops % 3)) / 6));
            broken = Finish(_toy["broken"], observer);
            Assert.True(++stops < 100, "it gets no farther");
        }

        Assert.True(stops > 2, $"it was stopped {stops} times");
        Assert.Equal(whole, broken);
        foreach (var file in Directory.GetFiles(_toy["whole"], "metrics.jsonl", SearchOption.AllDirectories))
        {
            Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(Path.Combine(_toy["broken"], Path.GetRelativePath(_toy["whole"], file))));
        }

        string? Finish(string folder, ToyComparison.Observer observer)
        {
            var plan = SweepPlan.Load(_toy["sweep.yaml"], [], ["optimizer.learningRate=1e-3,3e-3"], 2, folder, Catalog.Default);
            var run = new SweepRun(plan, observer, TimeProvider.System);
            return run.Train(observer.Stop.Token) && run.Test(run.Read().Chosen, observer.Stop.Token) ? SweepOutput.ToJson(run.Read()) : null;
        }
    }

    [Fact]
    public async Task Run_JobsKilled_GoesOn()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "kills by signal");
        string[] arguments = ["--over", "optimizer.learningRate=1e-3,3e-3", "--seeds", "2", "--jobs", "2", "--output", _toy["jobs"], "--json"];
        using (var team = Start(arguments))
        {
            while (!team.HasExited && !File.Exists(_toy["jobs/stages.jsonl"]))
            {
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }

            Assert.False(team.HasExited);
            team.Kill(); // It, and not its two processes: they end by themselves.
            await team.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        using var again = Start(arguments);
        var (output, error) = (again.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), again.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await again.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(again.ExitCode == App.Done, await error);
        var alone = await RunAsync([.. arguments[..4], "--output", _toy["alone"], "--json"]);
        Assert.Equal(alone.Output, await output);
    }

    [Fact]
    public async Task Sweep_BadInput_NamesWhatIsWrong()
    {
        (string[] Arguments, string Expected)[] cases =
        [
            (["--over", "optimizer.learningrate=1e-5"], "did you mean 'learningRate'"),
            (["--over", "optimizer.learningRate=fast,1e-5"], "fast"),
            (["--over", "optimizer.learningRate"], "give a key and its values"),
            (["--over", "optimizer.learningRate=1e-5,"], "give a key and its values"),
            (["--over", "optimizer.learningRate=1e-5,1e-5"], "has '1e-5' twice"),
            (["--over", "training.batchSize=4", "--over", "training.batchSize=8"], "is given twice"),
            (["--over", "run=a,b"], "--output"),
            (["--over", "seed=1,2"], "--seeds"),
            (["--over", "problems.dev.file=x"], "same dev problems"),
            (["--over", "training.batchSize=4,8", "--seeds", "0"], "--seeds is 0"),
            (["--over", "training.batchSize=4,8", "--jobs", "0"], "--jobs is 0"),
            (["--over", "training.batchSize=4,8", "--set", "problems.dev=[]"], "problems.dev"),
            (["--over", "training.batchSize=4,8", "--set", "evaluation.everyEpochs=null"], "a sweep chooses by the evaluations on dev"),
            ([], "--over"),
        ];

        foreach (var (arguments, expected) in cases)
        {
            var run = await RunAsync([.. arguments, "--output", _toy["bad"]]);
            Assert.True(run.Code == App.BadInput, $"{string.Join(" ", arguments)}: {run.Code} {run.Error}");
            Assert.True(run.Error.Contains(expected, StringComparison.Ordinal), $"{string.Join(" ", arguments)}: {run.Error}");
            Assert.False(Directory.Exists(_toy["bad"]));
        }
    }

    [Fact]
    public void Load_ListsAndLikeNames_AreValuesAndFoldersOfTheirOwn()
    {
        var plan = SweepPlan.Load(
            _toy["sweep.yaml"], [], ["checkpoints.keepEpochs=[1, 2],[]", "evaluation.slots=2,3"], 3, null, Catalog.Default);

        Assert.Equal(["[1, 2]", "[]"], plan.Keys[0].Values);
        Assert.Equal(
            ["keepEpochs=-1,-2-,slots=2", "keepEpochs=-1,-2-,slots=3", "keepEpochs=--,slots=2", "keepEpochs=--,slots=3"], plan.Points.Select(point => point.Name));
        Assert.Equal([1, 2], plan.Points[0].Config.Checkpoints.KeepEpochs);
        Assert.Equal(3, plan.Points[1].Config.Evaluation.Slots);
        Assert.Equal([5UL, 6UL, 7UL], plan.Seeds);
        Assert.Equal(_toy["runs"] + "-sweep", plan.Folder);
    }

    private static double Best(string run)
    {
        using var best = JsonDocument.Parse(File.ReadAllText(Path.Combine(run, "best.json")));
        return best.RootElement.GetProperty("accuracy").GetDouble();
    }

    private Process Start(string[] arguments) => Process.Start(new ProcessStartInfo(
        "dotnet", [Path.Combine(AppContext.BaseDirectory, "Reft.Cli.dll"), "sweep", _toy["sweep.yaml"], .. arguments])
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!; // It is a new process.

    private async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        var (output, error) = (new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" }, new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" });
        var code = await App.RunAsync(["sweep", _toy["sweep.yaml"], .. arguments], new Terminal(output, error, TextReader.Null), TestContext.Current.CancellationToken);
        return (code, output.ToString(), error.ToString());
    }
}
