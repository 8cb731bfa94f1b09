using Reft.Tests.Training.Runs;

namespace Reft.Tests.Packaging;

/// <summary>A program of somebody's own, <c>samples/Host</c>, which hands its reward to <c>ReftHost</c>.</summary>
public sealed class HostTests : IDisposable
{
    private static readonly string Program = Path.Combine(
        ArchitectureTests.Repository(), "samples", "Host", "bin", PackageFeed.Configuration, "net10.0", "Host.dll");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Reproduce_Jobs_AreProcessesOfTheSameProgram()
    {
        await WriteAsync();

        var (code, output, error) = await RunAsync([], "reproduce", _folder["all.yaml"], "--jobs", "2");

        Assert.True(code == 0, error);
        Assert.Contains("2| [", error, StringComparison.Ordinal); // A second process has done a stage.
        Assert.Contains("| Brief |", output, StringComparison.Ordinal);
        var metrics = Directory.GetFiles(_folder.Path, "metrics.jsonl", SearchOption.AllDirectories);
        Assert.Equal(2, metrics.Count(path => File.ReadAllText(path).Contains("reward/brevity_mean", StringComparison.Ordinal)));
        Assert.Contains("'brevity'", (await ReftAsync("reproduce", _folder["all.yaml"])).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reproduce_JobsOfAProgramThatFixesItsCommandLine_AreRefused()
    {
        await WriteAsync();

        var (code, _, error) = await RunAsync(new() { ["REFT_WORKER"] = "1" }, "reproduce", _folder["all.yaml"], "--jobs", "2");

        Assert.Equal(2, code);
        Assert.Contains("give ReftHost the arguments that the program was started with", error, StringComparison.Ordinal);
    }

    private async Task WriteAsync()
    {
        foreach (var (set, first) in new[] { ("train", 0), ("dev", 3), ("test", 6) })
        {
            await File.WriteAllLinesAsync(
                _folder[$"{set}.csv"], ["question,solution,answer", .. Enumerable.Range(0, 18).Select(i => (A: first + (i / 6), B: i % 6)).Select(sum => $"{sum.A} + {sum.B}?,{sum.A + sum.B}.,{sum.A + sum.B}")],
                TestContext.Current.CancellationToken);
        }

        var common = $$"""
            run: {{_folder["none"]}}
            problems: { train: [{ file: {{_folder["train.csv"]}} }], dev: [{ file: {{_folder["dev.csv"]}} }], test: [{ file: {{_folder["test.csv"]}} }] }
            answers: { style: number }
            optimizer: { learningRate: 1e-3, schedule: constant }
            invariants: { off: [reward-stuck, error-verdicts, kl-negative] }
            model: { fresh: { layers: 1, width: 32, heads: 2, feedForward: 48, context: 64, vocabulary: 300 } }

            """;
        await File.WriteAllTextAsync(
            _folder["sft.yaml"], common + "method: sft\ntraining: { epochs: 1, batchSize: 8, maxTokens: 64 }\nevaluation: { everyEpochs: 1, maxTokens: 4 }\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            _folder["brief.yaml"], common + "method: grpo\nreward: [verdict, brevity]\ntraining: { steps: 2, batchSize: 8, maxTokens: 64 }\nevaluation: { everySteps: 2, maxTokens: 4 }\n"
            + "rollouts: { samplesPerProblem: 2, maxTokens: 4 }\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            _folder["all.yaml"], $$"""
            folder: {{_folder["all"]}}
            seeds: [1, 2]
            samples: { train: 1, test: 2, keep: 1 }
            k: [2]
            formats:
              - name: Sums
                warmUpEpoch: 1
                arms:
                  - { name: sft, title: SFT, config: {{_folder["sft.yaml"]}} }
                  - { name: brief, title: Brief, config: {{_folder["brief.yaml"]}} }
            """, TestContext.Current.CancellationToken);
    }

    private static Task<(int Code, string Output, string Error)> RunAsync(Dictionary<string, string> environment, params string[] arguments) =>
        CliProcess.FinishAsync(CliProcess.Launch("dotnet", [Program, .. arguments], environment), TestContext.Current.CancellationToken);

    private static Task<(int Code, string Output, string Error)> ReftAsync(params string[] arguments) =>
        CliProcess.FinishAsync(CliProcess.Launch("dotnet", [CliProcess.Library, .. arguments]), TestContext.Current.CancellationToken);
}
