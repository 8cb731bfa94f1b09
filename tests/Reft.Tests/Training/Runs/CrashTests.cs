using System.Diagnostics;
using System.Globalization;
using Reft.Numerics;
using Reft.Training.Runs;

namespace Reft.Tests.Training.Runs;

/// <summary>
/// A real training process, killed, starved of disk and stopped. <c>REFT_KILLS</c> says how often it is killed, 20 by default;
/// <c>eng/kill-loop</c> does it 200 times.
/// </summary>
public sealed class CrashTests : IDisposable
{
    private const int DefaultKills = 20;
    private const int Steps = 40;

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Train_KilledAtRandomMoments_EndsInTheSameBytes()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "kills by signal");
        var kills = int.Parse(
            Environment.GetEnvironmentVariable("REFT_KILLS") ?? $"{DefaultKills}", CultureInfo.InvariantCulture);
        var config = Config();
        var unbroken = await FinishAsync(Start(config, "unbroken"));
        Assert.True(unbroken.Code == 0, unbroken.Error);
        var expected = Bytes("unbroken");
        Assert.Contains(expected.Keys, name => name.EndsWith($"step-{Steps:D6}/model.safetensors", StringComparison.Ordinal));
        var random = new CounterRandom(11);
        var (killed, runs) = (0, 0);
        while (killed < kills || runs == 0)
        {
            var name = $"run{runs}";
            while (killed < kills && await KillAsync(Start(config, name, "--resume"), name, random))
            {
                killed++;
            }

            var last = await FinishAsync(Start(config, name, "--resume"));
            Assert.True(last.Code == 0, last.Error);
            ToyRun.AssertSame(expected, Bytes(name));
            runs++;
        }
    }

    [Fact]
    public async Task Train_DiskFull_StopsWithTheLastCheckpointWhole()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "limits files by ulimit");
        var config = Config();
        var unbroken = await FinishAsync(Start(config, "unbroken"));
        Assert.True(unbroken.Code == 0, unbroken.Error);

        // No file may grow beyond this: rollouts.jsonl reaches it before the end, and no file of a checkpoint does.
        var rollouts = new FileInfo(new RunFolder(_folder["unbroken"]).Rollouts).Length;
        var largest = Directory.GetFiles(_folder[Path.Combine("unbroken", "checkpoints")], "*", SearchOption.AllDirectories)
            .Max(file => new FileInfo(file).Length);
        Assert.True(rollouts > 1.2 * largest, $"{rollouts} bytes of rollouts against {largest}");
        var limit = (rollouts + largest) / 2 / 1024;
        var full = await FinishAsync(Limited(config, "full", limit));

        Assert.Equal(2, full.Code);
        Assert.Contains("rollouts.jsonl: cannot be written", full.Error, StringComparison.Ordinal);
        var store = new CheckpointStore(new RunFolder(_folder["full"]));
        Assert.InRange(store.Verify(store.Steps()[0]).Step, 1, Steps - 1);
        var resumed = await FinishAsync(Start(config, "full", "--resume"));
        Assert.True(resumed.Code == 0, resumed.Error);
        ToyRun.AssertSame(Bytes("unbroken"), Bytes("full"));
    }

    [Fact]
    public async Task Train_CheckpointTooLarge_SaysSoAndLeavesNothingHalfWritten()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "limits files by ulimit");

        var full = await FinishAsync(Limited(Config(), "full", kilobytes: 20));

        Assert.Equal(2, full.Code);
        Assert.Contains("could not be written", full.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder[Path.Combine("full", "checkpoints")]));
    }

    [Fact]
    public async Task Train_Interrupted_SavesAndSaysHowToGoOn()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "interrupts by signal");
        var config = Config();
        using var process = Start(config, "run");
        await ReachAsync(process, "run", 2);
        Signal(process, "-INT");

        var stopped = await FinishAsync(process);

        Assert.Equal(1, stopped.Code);
        Assert.Contains("everything is saved", stopped.Output, StringComparison.Ordinal);
        Assert.Contains("--resume", stopped.Error, StringComparison.Ordinal);
        var folder = new RunFolder(_folder["run"]);
        Assert.Equal(new CheckpointStore(folder).Steps()[0], File.ReadLines(folder.Metrics).Count());
    }

    [Fact]
    public async Task Train_FolderInUse_NamesTheProcess()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "kills by signal");
        var config = Config();
        using var first = Start(config, "run");
        await ReachAsync(first, "run", 1);

        var second = await FinishAsync(Start(config, "run", "--resume"));
        first.Kill();
        await first.WaitForExitAsync(Token);

        Assert.Equal(2, second.Code);
        Assert.Contains($"in use by process {first.Id} ", second.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private string Config()
    {
        var path = _folder["tiny.yaml"];
        File.WriteAllText(path, $$"""
            method: reft
            run: not-used
            model:
              fresh: { layers: 1, width: 24, heads: 2, feedForward: 32, context: 200, vocabulary: 300 }
            problems:
              train: { generated: { split: train, count: 24, profile: easy, maxSteps: 1 } }
              dev: { generated: { split: dev, count: 6, profile: easy, maxSteps: 1 } }
            answers: { style: program, giveProgramHeader: true }
            training: { steps: {{Steps}}, batchSize: 6, maxTokens: 200 }
            optimizer: { learningRate: 1e-3, schedule: linear, warmupShare: 0.2 }
            rollouts: { maxTokens: 10 }
            ppo: { kl: { coefficient: 0.05, target: 1, horizon: 500 } }
            evaluation: { everySteps: 10, maxTokens: 10 }
            checkpoints: { everySteps: 3 }
            invariants: { off: [reward-stuck, error-verdicts, kl-negative] }
            """);
        return path;
    }

    private static string[] Arguments(string config, string run, string[] more) =>
        [CliProcess.Library, "train", config, "--set", $"run={run}", .. more];

    private Process Start(string config, string name, params string[] more) =>
        CliProcess.Launch("env", ["--default-signal=INT", "dotnet", .. Arguments(config, _folder[name], more)]);

    private Process Limited(string config, string name, long kilobytes) => CliProcess.Launch(
        "bash",
        ["-c", $"trap '' XFSZ; ulimit -f {kilobytes}; DOTNET_EnableWriteXorExecute=0 exec dotnet \"$@\"", "-", .. Arguments(config, _folder[name], [])]);

    private static Task<(int Code, string Output, string Error)> FinishAsync(Process process) => CliProcess.FinishAsync(process, Token);

    /// <summary>Kills a process at a random moment; false if it came to its end before.</summary>
    private async Task<bool> KillAsync(Process process, string name, CounterRandom random)
    {
        var reading = process.StandardError.ReadToEndAsync(Token);
        // Counted in steps, so that slow machines get as far as fast ones; one in five dies while it starts.
        var steps = random.Chance(0.2) ? 0 : random.Between(1, 12);
        await ReachAsync(process, name, Lines(name) + steps);
        await Task.Delay(random.Between(0, steps == 0 ? 1500 : 60), Token);
        var ended = process.HasExited;
        process.Kill();
        await process.WaitForExitAsync(Token);
        var error = await reading;
        Assert.True(!ended || process.ExitCode == 0, error);
        process.Dispose();
        return !ended;
    }

    private int Lines(string name)
    {
        var metrics = new RunFolder(_folder[name]).Metrics;
        return File.Exists(metrics) ? File.ReadLines(metrics).Count() : 0;
    }

    private async Task ReachAsync(Process process, string name, int steps)
    {
        while (!process.HasExited && Lines(name) < Math.Min(steps, Steps))
        {
            await Task.Delay(5, Token);
        }
    }

    private static void Signal(Process process, string signal)
    {
        using var kill = Process.Start("kill", [signal, $"{process.Id}"]);
        kill.WaitForExit();
    }

    private SortedDictionary<string, string> Bytes(string name) => ToyRun.Bytes(_folder[name]);
}
