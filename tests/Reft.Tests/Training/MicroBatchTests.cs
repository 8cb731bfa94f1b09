using FsCheck;
using FsCheck.Fluent;
using Reft.Algorithms;
using Reft.Checkpoints;
using Reft.Models;
using Reft.Numerics;
using Reft.Rollouts;
using Reft.Training;
using static TorchSharp.torch;

namespace Reft.Tests.Training;

/// <summary>
/// How a mini-batch is split, and in what order its sequences stand, changes no gradient. Sums of float32 in another order:
/// 1e-6 of the largest gradient, or of 1.
/// </summary>
public sealed class MicroBatchTests : IDisposable
{
    private const double Tolerance = 1e-6;
    private const int Vocabulary = 11;

    private readonly PretrainedModel _model = TinyModels.Llama(Vocabulary, width: 16, layers: 2);
    private readonly Policy _policy;

    public MicroBatchTests()
    {
        _policy = new Policy(_model.Decoder, new ValueHead(16, zero: false, seed: 4, CPU));
        _policy.RequireGradients(true);
    }

    public void Dispose() => _policy.Dispose();

    public static TheoryData<Aggregation> Aggregations => new(Enum.GetValues<Aggregation>());

    [Theory]
    [MemberData(nameof(Aggregations))]
    public void Ppo_AnyPartitionInAnyOrder_HasTheSameGradient(Aggregation aggregation) => Check(() => Ppo.Create(
        new PpoOptions { Aggregation = aggregation, FirstRatioTolerance = 10 },
        sequences => [.. sequences.Select((s, b) =>
            s.Tokens.Skip(s.PromptLength).Select((_, t) => -2f + (0.3f * b) - (0.1f * t)).ToArray())]));

    [Theory]
    [MemberData(nameof(Aggregations))]
    public void CrossEntropy_AnyPartitionInAnyOrder_HasTheSameGradient(Aggregation aggregation) =>
        Check(() => CrossEntropy.Create(new CrossEntropyOptions { Aggregation = aggregation }));

    [Fact]
    public void Step_AnyMicroBatchTokensAndOrder_MovesWeightsTheSame() => Prop
        .ForAll<int>(seed =>
        {
            var random = new CounterRandom((ulong)seed);
            var rollouts = Episodes.Drawn(_policy, Episodes.Random((ulong)seed, 6, Vocabulary), noise: 0.2);
            var shuffled = rollouts.ToArray();
            random.Shuffle(shuffled);

            var whole = AfterOneStep(rollouts, 10_000);
            var split = AfterOneStep(shuffled, random.Between(1, 40));

            Assert.InRange(Episodes.Distance(whole, split), 0, Tolerance);
        })
        .Check(Config.QuickThrowOnFailure.WithMaxTest(25));

    private void Check(Func<IAlgorithm> make) => Prop
        .ForAll<int>(seed =>
        {
            var algorithm = make();
            var rollouts = Episodes.Drawn(_policy, Episodes.Random((ulong)seed, 7, Vocabulary), noise: 0.4);
            var trajectories = algorithm.Prepare(rollouts, _policy, new StepMetrics());
            var random = new CounterRandom((ulong)seed);
            var order = trajectories.ToArray();
            random.Shuffle(order);

            var whole = Episodes.Gradient(_policy, algorithm, trajectories, [trajectories]);
            var split = Episodes.Gradient(_policy, algorithm, order, Partition(order, random));

            var largest = whole.Max(Math.Abs);
            Assert.InRange(largest, 1e-4, 1000);
            Assert.InRange(Episodes.Distance(whole, split), 0, Tolerance * Math.Max(1, largest));
        })
        .Check(Config.QuickThrowOnFailure.WithMaxTest(25));

    private static List<IReadOnlyList<Trajectory>> Partition(Trajectory[] order, CounterRandom random)
    {
        var parts = new List<IReadOnlyList<Trajectory>>();
        for (var first = 0; first < order.Length;)
        {
            var next = Math.Min(order.Length, first + random.Between(1, order.Length));
            parts.Add(order[first..next]);
            first = next;
        }

        return parts;
    }

    private static float[] AfterOneStep(ScoredRollout[] rollouts, int microBatchTokens)
    {
        using var model = TinyModels.Llama(Vocabulary, width: 16, layers: 2);
        using var policy = new Policy(model.Decoder, new ValueHead(16, zero: false, seed: 4, CPU));
        policy.RequireGradients(true);
        // ε dominates, so that the step is proportional to the gradient.
        using var optimizer = new AdamW(policy.Parameters, new AdamWOptions { Epsilon = 10, MaxGradientNorm = 0 });
        var algorithm = Ppo.Create(
            new PpoOptions { FirstRatioTolerance = 10, Epochs = 1 },
            sequences => PolicyEvaluation.LogProbs(policy, sequences, 4096));
        new Trainer(policy, new FixedRollouts(rollouts), algorithm, optimizer, Episodes.Options(1, microBatchTokens)).Step(0);
        return Episodes.Weights(policy);
    }
}
