using System.Text.Json.Nodes;
using Reft.Algorithms;
using Reft.Checkpoints;
using Reft.Models;
using Reft.Problems;
using Reft.Rollouts;
using Reft.Training;
using static TorchSharp.torch;

namespace Reft.Tests.Training;

/// <summary>Mini-batches of a step, and when the rest of them is left out.</summary>
public sealed class MiniBatchTests : IDisposable
{
    private const int Vocabulary = 11;

    private readonly PretrainedModel _model = TinyModels.Llama(Vocabulary, width: 16);
    private readonly Policy _policy;
    private readonly ScoredRollout[] _rollouts;

    public MiniBatchTests()
    {
        _policy = new Policy(_model.Decoder, new ValueHead(16, zero: true, seed: 4, CPU));
        _policy.RequireGradients(true);
        _rollouts = Episodes.Drawn(_policy, Episodes.Random(seed: 2, count: 7, Vocabulary));
    }

    public void Dispose() => _policy.Dispose();

    [Fact]
    public void Step_MiniBatchOfThree_TakesEveryTrajectoryOnceAnEpochInANewOrder()
    {
        var seen = Record(step: 0);

        Assert.Equal([3, 3, 1, 3, 3, 1], seen.Select(batch => batch.Length));
        var (first, second) = (seen[..3].SelectMany(b => b).ToArray(), seen[3..].SelectMany(b => b).ToArray());
        Assert.Equal(_rollouts.Select(r => r.SampleId), first.Order(StringComparer.Ordinal));
        Assert.Equal(_rollouts.Select(r => r.SampleId), second.Order(StringComparer.Ordinal));
        Assert.NotEqual(first, second);
        Assert.NotEqual(first, Record(step: 1)[..3].SelectMany(b => b));
        Assert.Equal(seen, Record(step: 0));
    }

    [Fact]
    public void Step_KeepsGroups_TakesProblemsWholeAndLeavesOutWhatIsNotLearned()
    {
        // Three samples of each of four problems; those of p2 are left out.
        ScoredRollout[] rollouts = [.. Enumerable.Range(0, 12).Select(i => Episodes.Make(i, [1, 2, 3], prompt: 1) with
        {
            Problem = new Problem($"p{i % 4}", "", ""),
        })];
        var recorder = new Recorder { KeepsGroups = true, MiniBatch = 7, LeftOut = "p2" };
        using var optimizer = new AdamW(_policy.Parameters, new AdamWOptions());

        new Trainer(_policy, new FixedRollouts(rollouts), recorder, optimizer, Episodes.Options(1e-6)).Step(0);

        // Two problems of three fit into seven.
        Assert.Equal([6, 3, 6, 3], recorder.Seen.Select(batch => batch.Length));
        Assert.All(recorder.Seen, batch => Assert.All(
            batch.GroupBy(id => int.Parse(id[1..], System.Globalization.CultureInfo.InvariantCulture) % 4),
            group => Assert.Equal(3, group.Count())));
        Assert.DoesNotContain("s2", recorder.Seen.SelectMany(batch => batch));
        Assert.Equal(9, recorder.Seen[..2].SelectMany(batch => batch).Distinct().Count());
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(7, 1)]
    [InlineData(100, 1)]
    [InlineData(4, 2)]
    [InlineData(1, 7)]
    public void Step_MiniBatch_GivesSoManyUpdatesAnEpoch(int miniBatch, int updates)
    {
        using var optimizer = new AdamW(_policy.Parameters, new AdamWOptions());
        Make(new PpoOptions { MiniBatch = miniBatch, Epochs = 3 }, optimizer, rate: 1e-6).Step(0);

        Assert.Equal(3 * updates, optimizer.Steps);
    }

    [Theory]
    [InlineData(null, 10, double.NaN)]
    [InlineData(1e6, 10, double.NaN)]
    [InlineData(1e-9, 2, 1)] // The first update sees its own samples; after it the policy has moved.
    public void Step_TargetApproximateKl_LeavesOutTheRest(double? target, long updates, double stopped)
    {
        using var optimizer = new AdamW(_policy.Parameters, new AdamWOptions());
        var metrics = Make(new PpoOptions { TargetApproximateKl = target, Epochs = 10 }, optimizer, rate: 1e-3).Step(0);

        Assert.Equal(updates, optimizer.Steps);
        Assert.Equal(stopped, metrics["ppo/stopped_early"]);
    }

    [Fact]
    public void StopsEarly_KlOfTheLastMiniBatch_IsNotDilutedByEarlierOnes()
    {
        using var scope = NewDisposeScope();
        // ½ · 0.2² = 0.02 in the second mini-batch; over both the mean would be 0.01.
        var algorithm = Ppo.Create(
            new PpoOptions { TargetApproximateKl = 0.015 },
            sequences => [.. sequences.Select(s => new float[s.Tokens.Length - s.PromptLength])]);
        var metrics = new StepMetrics();
        var trajectories = algorithm.Prepare([Episodes.Make(0, [1, 2, 3], prompt: 1)], _policy, metrics);

        Assert.False(Stops(0));
        Assert.True(Stops(0.2f));
        Assert.False(Stops(0.1f));

        bool Stops(float logRatio)
        {
            var columns = new TokenColumns(trajectories, algorithm.Weigh(trajectories), CPU);
            var outputs = new PolicyOutputs(full(2, logRatio), zeros(2), zeros(2));
            algorithm.Loss(outputs, columns, metrics, step: 0);
            return algorithm.StopsEarly(metrics);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(9)]
    public void Prepare_EvaluationTokens_ChangeNothingButTheMemory(int tokens)
    {
        var (all, some) = (Prepare(8192), Prepare(tokens));

        // Rows in other products: the last digit.
        Assert.InRange(Episodes.Distance(all, some), 0, 1e-6);

        float[] Prepare(int evaluationTokens)
        {
            using var head = new ValueHead(16, zero: false, seed: 4, CPU);
            var policy = new Policy(_model.Decoder, head);
            var algorithm = Ppo.Create(
                new PpoOptions { EvaluationTokens = evaluationTokens, WhitensAdvantages = false },
                sequences => PolicyEvaluation.LogProbs(policy, sequences, evaluationTokens));
            return [.. algorithm.Prepare(_rollouts, policy, new StepMetrics()).SelectMany(t => t.OldValues.Concat(t.Advantages))];
        }
    }

    private Trainer Make(PpoOptions options, AdamW optimizer, double rate) => new(
        _policy, new FixedRollouts(_rollouts), Ppo.Create(options, sequences => PolicyEvaluation.LogProbs(_policy, sequences, 4096)),
        optimizer, Episodes.Options(rate));

    private List<string[]> Record(long step)
    {
        using var optimizer = new AdamW(_policy.Parameters, new AdamWOptions());
        var recorder = new Recorder();
        new Trainer(_policy, new FixedRollouts(_rollouts), recorder, optimizer, Episodes.Options(1e-6)).Step(step);
        return recorder.Seen;
    }

    /// <summary>Cross-entropy that notes the mini-batches it is given.</summary>
    private sealed class Recorder : IAlgorithm
    {
        private readonly ComposedAlgorithm _inner = CrossEntropy.Create(new CrossEntropyOptions());

        public List<string[]> Seen { get; } = [];

        public int Epochs => 2;

        public int MiniBatch { get; init; } = 3;

        public bool KeepsGroups { get; init; }

        public string LeftOut { get; init; } = "";

        public PolicyQuestions Questions(long step) => _inner.Questions(step);

        public IReadOnlyList<Trajectory> Prepare(IReadOnlyList<ScoredRollout> rollouts, Policy policy, StepMetrics metrics) =>
            [.. rollouts.Select(r => new Trajectory(r) { LeftOut = r.Problem.Id == LeftOut })];

        public float[][] Weigh(IReadOnlyList<Trajectory> miniBatch)
        {
            Seen.Add([.. miniBatch.Select(t => t.Rollout.SampleId)]);
            return _inner.Weigh(miniBatch);
        }

        public Tensor Loss(PolicyOutputs outputs, TokenColumns microBatch, StepMetrics? metrics, long step) =>
            _inner.Loss(outputs, microBatch, metrics, step);

        public bool StopsEarly(StepMetrics metrics) => false;

        public JsonObject Save() => [];

        public void Restore(JsonObject state)
        {
        }
    }
}
