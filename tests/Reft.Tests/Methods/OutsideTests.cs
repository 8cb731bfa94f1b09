using System.Runtime.CompilerServices;
using Reft.Hosting;
using Reft.Methods;
using Reft.Outside;

namespace Reft.Tests.Methods;

/// <summary>What another assembly brings along, which sees nothing of Reft but what is public, is met everywhere that Reft's own is.</summary>
public sealed class OutsideTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Assembly_SeesWhatIsPublicAlone()
    {
        var friends = typeof(Catalog).Assembly.GetCustomAttributes(typeof(InternalsVisibleToAttribute), false).Cast<InternalsVisibleToAttribute>();

        Assert.DoesNotContain(friends, friend => friend.AssemblyName.StartsWith("Reft.Outside", StringComparison.Ordinal));
        Assert.Equal("Reft.Outside", typeof(FixtureMethod).Assembly.GetName().Name);
    }

    [Fact]
    public void Pages_EveryThing_IsThereWithItsOptions()
    {
        var (named, methods) = (OptionTable.Named(OutsideCatalog.All), OptionTable.Methods(OutsideCatalog.All));

        Assert.Contains("| `ranked.strength` | number | 1 | above 0 | what the loss is multiplied by |", methods, StringComparison.Ordinal);
        Assert.Contains("| `fixture.leastTokens` | whole number | 0 | at least 0 | the fewest tokens of a completion |", methods, StringComparison.Ordinal);
        Assert.All(
            ["| `shouted` |", "| `half` |", "| `doubles` |", "| `length` |", "| `lastFirst` |", "| `reward[].most` | whole number | 100 | at least 1 |"],
            expected => Assert.Contains(expected, named, StringComparison.Ordinal));
        Assert.Contains("| `ranked` | a policy gradient by the rank", MethodTable.Write(OutsideCatalog.All), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_EveryMethod_IsNamed()
    {
        Assert.Contains("fixture, ranked", await OutputAsync("train", "--help"), StringComparison.Ordinal);
        foreach (var verb in new[] { "evaluate", "sample", "verify" })
        {
            var help = await OutputAsync(verb, "--help");
            Assert.Contains("shouted", help, StringComparison.Ordinal);
            Assert.Contains("pipe", help, StringComparison.Ordinal);
        }

        Assert.Contains("\nranked ", await OutputAsync("methods"), StringComparison.Ordinal);
        Assert.Contains("  ranked.strength: 1  # what the loss is multiplied by; above 0", await OutputAsync("methods", "ranked"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_OfEverythingFromOutside_IsTrainedExaminedReportedAndReplayed()
    {
        var (run, config) = (_folder["run"], _folder["run.yaml"]);
        await File.WriteAllTextAsync(
            config,
            $$"""
            method: ranked
            run: {{run}}
            model: { fresh: { layers: 2, width: 64, heads: 2, feedForward: 96, context: 96, vocabulary: 300 } }
            problems:
              train: { generated: { type: doubles, split: train, count: 12, most: 40 } }
              dev: { generated: { type: doubles, split: dev, count: 4 } }
            answers: { style: number, form: shouted, prompt: bare }
            training: { steps: 3, batchSize: 4, maxTokens: 96 }
            optimizer: { learningRate: 1e-3, schedule: half }
            rollouts: { samplesPerProblem: 2, maxTokens: 8, curriculum: lastFirst }
            reward: [verdict, { type: length, most: 12 }]
            evaluation: { everySteps: 2, maxTokens: 8 }
            """,
            TestContext.Current.CancellationToken);

        Assert.Contains("4 dev", await OutputAsync("plan", config), StringComparison.Ordinal);
        await OutputAsync("train", config, "--quiet");
        Assert.Contains("finished after 3 of 3 steps", await OutputAsync("doctor", run), StringComparison.Ordinal);
        await OutputAsync("report", run, "--output", _folder["report.html"]);
        Assert.Contains("ranked", await File.ReadAllTextAsync(_folder["report.html"], TestContext.Current.CancellationToken), StringComparison.Ordinal);
        // Whatever is done with a checkpoint asks as it was trained.
        Assert.Contains("bare", await File.ReadAllTextAsync(Path.Combine(Directory.GetDirectories(Path.Combine(run, "checkpoints"))[0], "prompt.yaml"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await JudgeFromOutsideAsync(Directory.GetDirectories(Path.Combine(run, "checkpoints"))[0]);
        // The last of twelve problems were picked first.
        Assert.Contains("train_11", (await File.ReadAllLinesAsync(Path.Combine(run, "rollouts.jsonl"), TestContext.Current.CancellationToken))[0], StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The verbs that need no config read the same formats and forms.</summary>
    private async Task JudgeFromOutsideAsync(string model)
    {
        var (problems, samples) = (_folder["dev.pipe"], _folder["samples.jsonl"]);
        await File.WriteAllTextAsync(problems, "Twice 2?|4\nTwice 3?|6\n", TestContext.Current.CancellationToken);
        string[] given = ["--problems", problems, "--form", "shouted", "--max-tokens", "8"];

        var audit = await OutputAsync("verify", problems, "--form", "shouted", "--format", "pipe");
        Assert.Contains("policy exact, form shouted", audit, StringComparison.Ordinal);
        Assert.Contains("2 problems", audit, StringComparison.Ordinal);
        Assert.Contains("form shouted", await OutputAsync(["evaluate", model, .. given]), StringComparison.Ordinal);
        Assert.Contains("4 samples of 2 problems", await OutputAsync(["sample", model, .. given, "--samples", "2", "--output", samples]), StringComparison.Ordinal);
        var made = await File.ReadAllTextAsync(samples, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            samples, """{"id":"a","completion":"So.\n4!","answer":"4"}""" + "\n" + """{"id":"b","completion":"4","answer":"4"}""", TestContext.Current.CancellationToken);
        Assert.Contains("1 samples have no vote", await OutputAsync("vote", samples, "--form", "shouted"), StringComparison.Ordinal);
        Assert.Contains("Twice 3?", made, StringComparison.Ordinal);
    }

    private static async Task<string> OutputAsync(params string[] args)
    {
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        var code = await App.RunAsync(args, new Terminal(output, error, TextReader.Null) { Catalog = OutsideCatalog.All });
        // A fresh model learns next to nothing in three steps, and the doctor says so.
        Assert.True(code == App.Done || (args[0] == "doctor" && code == App.Failed), $"{string.Join(' ', args)}: {error}{output}");
        return output.ToString();
    }
}
