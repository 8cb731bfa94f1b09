using System.Text.Json.Nodes;
using Reft.Algorithms;
using Reft.Algorithms.Preparations;
using Reft.Configuration;
using Reft.Methods;
using Reft.Models;
using Reft.Problems;
using Reft.Rollouts;
using Reft.Runs;
using Reft.Tests.Configuration;
using Reft.Tests.Training;
using Reft.Training.Runs;

namespace Reft.Tests.Algorithms;

/// <summary>The memory of deferred samples: what waits, when it comes back, and that it is GRPO where nothing does.</summary>
public sealed class TacoTests : IDisposable
{
    private const int Vocabulary = 12;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Of (1, 2, 3) and (4): mean 2 and variance 2/3; then, of a window of two steps, (2, 3, 1, 4) with mean 2.5 and variance 1.25; then (4, 7).</summary>
    [Fact]
    public void Threshold_RecentSteps_IsTheirMeanAndDeviations()
    {
        var deferred = Make(new DeferralOptions { Deviations = 2, Window = 2, Least = 0.5 });

        Assert.Equal(2 + (2 * Math.Sqrt(2.0 / 3)), deferred.Threshold([1, 2, 3]), 1e-12);
        Assert.Equal(2.5 + (2 * Math.Sqrt(1.25)), deferred.Threshold([4]), 1e-12);
        Assert.Equal(5.5 + (2 * 1.5), deferred.Threshold([7]), 1e-12);
        Assert.Equal(0.5, Make(new DeferralOptions { Least = 0.5 }).Threshold([0, 0, 0.01]));
        Assert.Equal(double.PositiveInfinity, Make(new DeferralOptions { Deviations = null }).Threshold([1, 2]));
    }

    /// <summary>k3 = e^-d - 1 + d of d = 0.5 and d = -1, and what was not sampled does not count.</summary>
    [Fact]
    public void Distance_SampledTokens_IsTheMeanOfK3()
    {
        var row = new Trajectory(Episodes.Make(0, [1, 2, 3, 4], prompt: 1, [TokenRole.Sampled, TokenRole.Hint, TokenRole.Sampled]))
        {
            OldLogProbs = [-1, -9, -2],
            ReferenceLogProbs = [-1.5f, -1, -1],
        };

        Assert.Equal((Math.Exp(-0.5) - 1 + 0.5 + Math.Exp(1) - 1 - 1) / 2, DeferredSamples.Distance(row), 1e-7);
    }

    /// <summary>One of nine samples is far away: it is left out and waits, stays away while it is far, and comes back with its advantage once it is near.</summary>
    [Fact]
    public void Prepare_SampleThatIsFar_WaitsUntilItIsNear()
    {
        using var model = TinyModels.Llama(Vocabulary, width: 16, layers: 2);
        using var policy = new Policy(model.Decoder);
        var rollouts = Drawn(policy);
        var far = rollouts[4];
        var distance = 3f;
        var taco = Taco.Create(
            new TacoOptions { Defer = new() { Deviations = 2, ReturnSteps = 3 }, Update = new UpdateOptions { FirstRatioTolerance = 10 } }, Reference);
        var metrics = new StepMetrics();

        var first = Step(0);
        var advantage = first[4].Advantages[Array.LastIndexOf(first[4].Sampled, true)];

        Assert.Equal([4], Enumerable.Range(0, 9).Where(b => first[b].LeftOut));
        Assert.Equal((1, 1, 0), ((int)metrics["defer/deferred"], (int)metrics["defer/waiting"], (int)metrics["defer/returned"]));
        Assert.All(taco.Weigh(first)[4], weight => Assert.Equal(0, weight));
        Assert.Equal(9, Step(1).Count);
        Assert.Equal(9, Step(3).Count); // Asked again, and still far: both now wait, and the one drawn since.

        // Through text, as a checkpoint has it.
        var state = JsonNode.Parse(taco.Save().ToJsonString())!.AsObject();
        taco = Taco.Create(
            new TacoOptions { Defer = new() { Deviations = 2, ReturnSteps = 3 }, Update = new UpdateOptions { FirstRatioTolerance = 10 } }, Reference);
        taco.Restore(state);
        Assert.Equal(state.ToJsonString(), taco.Save().ToJsonString());
        distance = 0;
        var last = Step(6);

        Assert.Equal(9 + 3, last.Count);
        Assert.Equal(0, metrics["defer/waiting"]);
        Assert.Equal(3, metrics["defer/returned"]);
        Assert.All(last.Skip(9), row =>
        {
            Assert.Equal(far.Tokens, row.Rollout.Tokens);
            Assert.Empty(row.Rollout.LogProbs); // Nobody drew it in this step.
            Assert.Equal([.. row.Sampled.Select(sampled => sampled ? advantage : 0)], row.Advantages);
            Assert.Equal(PolicyEvaluation.LogProbs(policy, [row.Sequence], 4096)[0], row.OldLogProbs);
        });
        Assert.NotEqual(0, advantage);
        Assert.Throws<InputException>(() => taco.Restore([]));

        IReadOnlyList<Trajectory> Step(long step)
        {
            metrics = new StepMetrics();
            return taco.Prepare([.. rollouts.Select(r => r with { PolicyStep = step })], policy, metrics);
        }

        float[][] Reference(IReadOnlyList<PolicySequence> sequences) =>
            [.. PolicyEvaluation.LogProbs(policy, sequences, 4096).Zip(sequences, (own, sequence) => own.Select(
                p => sequence.Tokens.SequenceEqual(far.Tokens) ? p - distance : p).ToArray())];
    }

    [Fact]
    public void Run_WithoutDeferral_IsGrpoToTheBit()
    {
        const string Rewards = "reward=[{type: format, worth: 1, pattern: ^}]";
        var grpo = Weights("grpo", "grpo", "grpo={klCoefficient: 0.02}", Rewards);

        Assert.Equal(grpo, Weights("never", "taco", "taco={klCoefficient: 0.02, defer: {deviations: null}}", Rewards));
        Assert.NotEqual(grpo, Weights("often", "taco", "taco={klCoefficient: 0.02, defer: {deviations: 0.5, least: 0, returnSteps: 2}}", Rewards));
    }

    [Fact]
    public void Run_StoppedWhileSamplesWait_GoesOnToTheSameBytes()
    {
        const string Often = "taco={klCoefficient: 0.02, defer: {deviations: 0.5, least: 0, returnSteps: 4, window: 2}}";
        const string Rewards = "reward=[{type: format, worth: 1, pattern: ^}]";
        var unbroken = Weights("unbroken", "taco", Often, Rewards);
        using (var stop = new CancellationTokenSource())
        {
            using var run = Prepare("broken", "taco", new Nobody { Stop = stop }, Often, Rewards);
            Assert.Equal(RunEnd.Stopped, run.Run(false, "test", stop.Token).End);
            Assert.Contains("\"waiting\"", File.ReadAllText(
                Directory.EnumerateFiles(_folder["broken"], "state.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Last()), StringComparison.Ordinal);
        }

        using (var run = Prepare("broken", "taco", new Nobody(), Often, Rewards))
        {
            Assert.Equal(RunEnd.Finished, run.Run(true, "test", TestContext.Current.CancellationToken).End);
        }

        Assert.Equal(unbroken, Last("broken"));
        var lines = File.ReadLines(new RunFolder(_folder["broken"]).Metrics).Select(line => JsonNode.Parse(line)!).ToArray();
        Assert.Contains(lines, line => (double)line["defer/deferred"]! > 0);
        Assert.Contains(lines, line => (double)line["defer/returned"]! > 0);
    }

    private static DeferredSamples Make(DeferralOptions options) => new(new Nothing(), options, _ => [], 4096);

    /// <summary>Nine rollouts of three problems, drawn by the policy, some of which are worth something.</summary>
    private static ScoredRollout[] Drawn(Policy policy) =>
    [
        .. Episodes.Drawn(policy, Episodes.Random(3, 9, Vocabulary), noise: 0).Select((r, i) => r with { Problem = new Problem($"p{i % 3}", "", ""), Reward = i is 0 or 4 or 5 ? 1 : 0 }),
    ];

    private byte[] Weights(string name, string method, params string[] sets)
    {
        using var run = Prepare(name, method, new Nobody(), sets);
        Assert.Equal(RunEnd.Finished, run.Run(false, "test", TestContext.Current.CancellationToken).End);
        return Last(name);
    }

    private TrainingRun Prepare(string name, string method, Nobody observer, params string[] sets) => TrainingRun.Prepare(
        ConfigFile.Parse(
            $"method: {method}\n" + Configs.SmallRun(_folder[name], 6), "test.yaml",
            ["rollouts={maxTokens: 24, samplesPerProblem: 8}", "evaluation.maxTokens=8", "training.microBatchTokens=300", "optimizer.learningRate=0.01", .. sets]),
        observer, TimeProvider.System);

    private byte[] Last(string name) =>
        File.ReadAllBytes(Directory.EnumerateFiles(_folder[name], "model.safetensors", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Last());

    private sealed class Nothing : IPreparation
    {
        public IReadOnlyList<Trajectory> Prepare(IReadOnlyList<ScoredRollout> rollouts, Policy policy, StepMetrics metrics) => [];
    }

    private sealed class Nobody : ITrainingObserver
    {
        public CancellationTokenSource? Stop { get; init; }

        public void Stepped(Reft.Training.TrainingStep step, long of)
        {
            if (step.Step == 2)
            {
                Stop?.Cancel();
            }
        }

        public void Noted(string note, bool isWarning)
        {
        }
    }
}
