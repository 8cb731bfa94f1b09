using System.Globalization;
using System.Text.Json.Nodes;
using Reft.Checkpoints;
using Reft.Configuration;
using Reft.Generation;
using Reft.Replay;
using Reft.Runs;
using Reft.Server;
using Reft.Serving;
using Reft.Tests.Configuration;
using Reft.Tests.Ranks;
using Reft.Tests.Training.Runs;
using Reft.Training;
using Reft.Training.Runs;
using static TorchSharp.torch;

namespace Reft.Tests.Samplers;

/// <summary>Whole runs whose rollouts a server draws.</summary>
public sealed class ServerRunTests : IDisposable
{
    private const int Steps = 4;
    private static readonly string[] _drawing = ["rollouts.samplesPerProblem=4", "rollouts.maxTokens=12", "rollouts.temperature=0.8", "evaluation.maxTokens=12"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("reft", "token", "completions")]
    [InlineData("grpo", "sequence", "vllmGenerate")]
    [InlineData("remax", "none", "completions")]
    public async Task Run_ServedWithTheWeightsOfEachStep_HasTheBytesOfItsOwnSampler(string method, string correction, string dialect)
    {
        Run("own", [$"method={method}", .. _drawing]);
        await using var server = await ServeAsync("own");

        Run("served", [$"method={method}", .. _drawing, Section(server, $"publish: sglang, folder: {_folder["weights"]}, correction: {correction}, dialect: {dialect}")]);

        var (own, served) = (Rollouts("own"), Rollouts("served"));
        Assert.Equal(Steps * 4 * 4, served.Length);
        Assert.Equal(own.Length, served.Length);
        foreach (var (mine, its) in own.Zip(served))
        {
            foreach (var name in new[] { "sample", "ids", "text", "outcome", "reward", "logProbs", "advantages" })
            {
                Assert.Equal(mine[name]?.ToJsonString(), its[name]?.ToJsonString());
            }

            Assert.Equal(its["logProbs"]!.ToJsonString(), its["samplerLogProbs"]!.ToJsonString());
            Assert.All(its["importanceWeights"]!.AsArray(), weight => Assert.Equal(1, (double)weight!));
        }

        foreach (var line in Metrics("served"))
        {
            Assert.Equal(0, (double)line["sampler/kl_k1"]!);
            Assert.Equal(0, (double)line["sampler/kl_k3"]!);
            Assert.Equal(1, (double)line["sampler/ratio_mean"]!);
        }

        Assert.Equal(Weights("own"), Weights("served"));
        Assert.Empty(File.Exists(Path.Combine(_folder["served"], "alarms.jsonl")) ? File.ReadAllText(Path.Combine(_folder["served"], "alarms.jsonl")) : "");
        Assert.Single(Directory.GetDirectories(_folder["weights"]));
        Assert.True(new CheckpointStore(new RunFolder(_folder["served"])).PathOf(Steps) is { } last && Directory.Exists(last));
    }

    [Fact]
    public async Task Run_StoppedAndResumedOnAnotherServer_GivesTheSameBytes()
    {
        Run("own", ["method=reft", .. _drawing]);
        await using (var server = await ServeAsync("own"))
        {
            string[] sets = ["method=reft", .. _drawing, Section(server, $"publish: sglang, folder: {_folder["weights"]}")];
            Run("unbroken", sets);
            Assert.Equal(RunEnd.Stopped, Run("broken", sets, stopAfter: 2).End);
        }

        await using var other = await ServeAsync("own");
        Assert.Equal(RunEnd.Finished, Run(
            "broken", ["method=reft", .. _drawing, Section(other, $"publish: sglang, folder: {_folder["others"]}, requestsAtOnce: 3, retries: 0")], resume: true).End);

        ToyRun.AssertSame(ToyRun.Bytes(_folder["unbroken"]), ToyRun.Bytes(_folder["broken"]));
    }

    [Fact]
    public async Task Run_OfSeveralRanks_HasTheBytesOfOne()
    {
        Run("own", ["method=reft", .. _drawing]);
        await using var server = await ServeAsync("own");
        string[] sets = ["method=reft", .. _drawing, Section(server, $"publish: sglang, folder: {_folder["weights"]}")];
        Run("one", sets);
        var cancellation = TestContext.Current.CancellationToken;

        RankJob.Run(3, ranks =>
        {
            using var stop = new CancellationTokenSource();
            using var run = TrainingRun.Prepare(Load([.. sets, $"run={_folder["many"]}"]), new StopAfter(stop, -1), TimeProvider.System, ranks);
            return run.Run(resume: false, "test", cancellation).End;
        });

        ToyRun.AssertSame(ToyRun.Bytes(_folder["one"]), ToyRun.Bytes(_folder["many"]));
    }

    [Fact]
    public async Task Run_FrozenServer_KlGrowsAndIsStopped()
    {
        Run("own", ["method=reft", .. _drawing]);
        await using var server = await ServeAsync("own");
        string[] sets = ["method=reft", .. _drawing, Section(server, "publish: none, acceptsStale: true")];

        Run("stale", [.. sets, "invariants.samplerKl=100"]);
        var error = Assert.Throws<AlarmException>(() => Run("stopped", [.. sets, "invariants.samplerKl=1e-5"]));

        var kl = Metrics("stale").Select(line => (double)line["sampler/kl_k3"]!).ToArray();
        Assert.Equal(0, kl[0]);
        Assert.True(kl[1] > 1e-5 && kl[3] > kl[1], string.Join(", ", kl.Select(one => one.ToString(CultureInfo.InvariantCulture))));
        Assert.Contains(Rollouts("stale"), line => line["importanceWeights"]!.AsArray().Any(weight => Math.Abs((double)weight! - 1) > 1e-4));
        Assert.StartsWith("sampler-differs: the server's log-probabilities are not the policy's", error.Message, StringComparison.Ordinal);
        Assert.Contains("weights", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, Metrics("stopped").Length);
        // The ratio of the update is that to the policy before it, wherever the samples are from.
        Assert.All(Metrics("stale"), line => Assert.Equal(0, (double)line["ppo/first_ratio_p99"]!));
    }

    [Fact]
    public async Task Run_ServerThatFiltersInSecret_IsStopped()
    {
        Run("own", ["method=reft", .. _drawing]);
        using var model = PretrainedModel.Load(Start("own"), ScalarType.Float32, CPU);
        var gate = new object();
        await using var server = new CannedServer((path, body, _) =>
        {
            lock (gate)
            {
                return path == "/v1/models" ? new(200, """{"data": [{"id": "m"}]}""") : new(200, Filtered(model, body!).ToJsonString());
            }
        });

        var error = Assert.Throws<AlarmException>(() => Run(
            "served",
            ["method=reft", .. _drawing, "rollouts.samplesPerProblem=12", "optimizer.learningRate=1e-9",
                $"rollouts.server={{url: '{server.Url}', model: m, publish: none, acceptsStale: true}}"]));

        Assert.StartsWith("sampler-draws: the server does not draw by the log-probabilities that it tells", error.Message, StringComparison.Ordinal);
        // They are the policy's own but for the last digits that a step has changed.
        Assert.All(Metrics("served"), line => Assert.InRange((double)line["sampler/kl_k3"]!, 0, 1e-9));
    }

    [Fact]
    public async Task Replay_ServedRun_WorksItsAdvantagesOutAgain()
    {
        Run("own", ["method=reft", .. _drawing]);
        await using var server = await ServeAsync("own");
        Run("stale", ["method=reft", .. _drawing, Section(server, "publish: none, acceptsStale: true, truncation: 1.01"), "invariants.samplerKl=100"]);

        var result = RunReplay.Run(
            new RunFolder(_folder["stale"]), new ReplaySettings([], false, null, null), TestContext.Current.CancellationToken);

        Assert.Equal(Steps, result.Steps.Count);
        Assert.Null(result.Difference);
    }

    [Theory]
    [InlineData("publish: none", "acceptsStale: true")]
    [InlineData("publish: sglang", "name a folder that this machine and the server see")]
    [InlineData("publish: none, acceptsStale: true, folder: f", "nothing is written there")]
    [InlineData("publish: sglang, folder: f, acceptsStale: true", "read only with publish none")]
    [InlineData("publish: sglang, folder: f, truncation: 0", "must be above 0")]
    [InlineData("publish: sglang, folder: f, correction: none, truncation: 3", "read only with a correction")]
    [InlineData("publish: sglang, folder: f, retries: -1", "must be at least 0")]
    [InlineData("folder: f", "publish")]
    public void Config_Contradictions_AreToldByName(string section, string expected)
    {
        var error = Assert.Throws<InputException>(() => Load(["method=reft", .. _drawing, $"rollouts.server={{url: 'http://127.0.0.1:1', model: m, {section}}}"]));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("method=sft")]
    [InlineData("method=online-self-training")]
    [InlineData("method=rejection-sampling")]
    [InlineData("method=trice")]
    [InlineData("method=taco")]
    [InlineData("method=hir")]
    public void Config_MethodThatCannotWeighSamples_IsRefusedByName(string method)
    {
        var error = Assert.Throws<InputException>(
            () => Load([method, "evaluation.maxTokens=12", "rollouts.maxTokens=12", "rollouts.server={url: 'http://127.0.0.1:1', model: m, publish: sglang, folder: f}"]));

        Assert.Contains($"is not read by method {method["method=".Length..]}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Config_FilterBesides_IsRefused() => Assert.Contains(
        "every ratio would be too small", Assert.Throws<InputException>(() => Load(
            ["method=t1", .. _drawing, "rollouts.minP=0.1", "rollouts.samplesPerProblem=4", "rollouts.server={url: 'http://127.0.0.1:1', model: m, publish: sglang, folder: f}"])).Message,
        StringComparison.Ordinal);

    private static JsonObject Filtered(PretrainedModel model, JsonObject ask)
    {
        int[] prompt = [.. ask["prompt"]!.AsArray().Select(id => (int)id!)];
        var options = new SamplingOptions
        {
            Temperature = (double)ask["temperature"]!,
            TopK = 0,
            TopP = 0.7,
            MinP = 0,
            MaxTokens = (int)ask["max_tokens"]!,
            StopTokens = [.. ask["stop_token_ids"]!.AsArray().Select(id => (int)id!)],
            Seed = unchecked((ulong)(long)ask["seed"]!),
            ScoresUnfiltered = true,
        };
        var drawn = new CompletionGenerator(model.Decoder, 1).Generate([new GenerationRequest(0, 0, prompt)], options, 0)[0];
        return new JsonObject
        {
            ["choices"] = new JsonArray(new JsonObject
            {
                ["token_ids"] = new JsonArray([.. drawn.Tokens.Select(id => JsonValue.Create(id))]),
                ["logprobs"] = new JsonObject { ["token_logprobs"] = new JsonArray([.. drawn.LogProbs.Select(p => JsonValue.Create(p))]) },
                ["finish_reason"] = drawn.FinishReason == FinishReason.Stop ? "stop" : "length",
            }),
        };
    }

    private string Start(string run) => new CheckpointStore(new RunFolder(_folder[run])).PathOf(0);

    private static string Section(Served server, string rest) => $"rollouts.server={{url: '{server.Address}', model: {server.Name}, {rest}}}";

    /// <summary>What <c>reft serve CHECKPOINT --weights-from FOLDER</c> is.</summary>
    private async Task<Served> ServeAsync(string run)
    {
        var model = ServedModel.Load(Start(run), new ServingOptions { Slots = 5, Context = 200 });
        return new Served(model, await ReftServer.StartAsync(model, new ServerOptions { WeightsFrom = _folder.Path }, "127.0.0.1", 0));
    }

    private RunOutcome Run(string name, string[] sets, int stopAfter = Steps + 1, bool resume = false)
    {
        using var stop = new CancellationTokenSource();
        using var run = TrainingRun.Prepare(Load([.. sets, $"run={_folder[name]}"]), new StopAfter(stop, stopAfter), TimeProvider.System);
        return run.Run(resume, "test", stop.Token);
    }

    private LoadedConfig Load(string[] sets) => ConfigFile.Parse(Configs.SmallRun(_folder["run"], Steps), Configs.Name, sets);

    private JsonObject[] Rollouts(string run) => Lines(Path.Combine(_folder[run], "rollouts.jsonl"));

    private JsonObject[] Metrics(string run) => Lines(Path.Combine(_folder[run], "metrics.jsonl"));

    private static JsonObject[] Lines(string path) => [.. File.ReadLines(path).Select(line => JsonNode.Parse(line)!.AsObject())];

    private string Weights(string run) => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(
        File.ReadAllBytes(Path.Combine(new CheckpointStore(new RunFolder(_folder[run])).PathOf(Steps), "model.safetensors"))));

    private sealed class StopAfter(CancellationTokenSource source, int steps) : ITrainingObserver
    {
        public void Stepped(TrainingStep step, long of)
        {
            if (step.Step + 1 == steps)
            {
                source.Cancel();
            }
        }

        public void Noted(string note, bool isWarning)
        {
        }
    }

    private sealed record Served(ServedModel Model, ReftServer Server) : IAsyncDisposable
    {
        public string Address => Server.Address;

        public string Name => Model.Name;

        public async ValueTask DisposeAsync()
        {
            await Server.DisposeAsync();
            await Model.DisposeAsync();
        }
    }
}
