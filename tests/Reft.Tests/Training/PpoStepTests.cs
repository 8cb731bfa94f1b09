using Reft.Algorithms;
using Reft.Models;
using Reft.Numerics;
using Reft.Rollouts;
using Reft.Training;
using static TorchSharp.torch;

namespace Reft.Tests.Training;

/// <summary>Whole steps of PPO on golden models equal the same steps written out (<see cref="WrittenOutPpo"/>).</summary>
public sealed class PpoStepTests
{
    // Weights of order 1 are float32 (6e-8), and both sides round gradients in another order: 1e-7 of a gradient below 1, times
    // the learning rate over ε. The second epoch and the second step see the first one's differences.
    private const double Tolerance = 1e-5;
    private const double LearningRate = 1e-2;

    private static readonly PpoOptions _plain = new() { FirstRatioTolerance = 1e6 };

    public static TheoryData<string, int> Models => new()
    {
        { "llama", 1 }, { "llama", 2 }, { "gpt2", 1 }, { "gpt2", 2 }, { "qwen3", 2 }, { "opt", 2 },
    };

    [Theory]
    [MemberData(nameof(Models))]
    public void Step_OwnSamples_EqualsTheUpdateWrittenOut(string model, int epochs) =>
        Compare(model, _plain with { Epochs = epochs }, noise: 0);

    [Theory]
    [InlineData("llama", 1)]
    [InlineData("llama", 2)]
    [InlineData("gpt2", 2)]
    public void Step_OffPolicySamples_EqualsTheUpdateWrittenOut(string model, int epochs) =>
        Compare(model, _plain with { Epochs = epochs, ClipHigh = 0.28, ValueClip = 0.05 }, noise: 0.5);

    [Theory]
    [InlineData(Aggregation.TokenMean)]
    [InlineData(Aggregation.SequenceMeanTokenSum)]
    [InlineData(Aggregation.SequenceSumConstant)]
    public void Step_OtherAggregation_EqualsTheUpdateWrittenOut(Aggregation aggregation) =>
        Compare("llama", _plain with { Aggregation = aggregation, ConstantLength = 9 }, noise: 0.3);

    [Fact]
    public void Step_WithoutWhiteningAndValueClip_EqualsTheUpdateWrittenOut() => Compare(
        "llama",
        _plain with
        {
            WhitensAdvantages = false,
            ValueClip = null,
            Discount = 0.9,
            Lambda = 0.7,
            ValueCoefficient = 0.3,
            Kl = new KlOptions { Coefficient = 0.4 },
        },
        noise: 0.3);

    private static void Compare(string name, PpoOptions options, double noise)
    {
        using var golden = Golden.Open(name);
        using var same = Golden.Open(name);
        using var policy = Make(golden);
        using var twin = Make(same);
        var rollouts = Episodes.Drawn(policy, Rollouts(golden), noise);
        var random = new CounterRandom(9);
        float[][] reference = [.. rollouts.Select(r => r.LogProbs.Select(p => p + (float)random.NextDouble() - 0.5f).ToArray())];
        var before = Episodes.Weights(policy);

        using var optimizer = new AdamW(policy.Parameters, new AdamWOptions
        {
            Epsilon = WrittenOutPpo.Epsilon,
            WeightDecay = WrittenOutPpo.WeightDecay,
            MaxGradientNorm = WrittenOutPpo.MaxGradientNorm,
        });
        // A micro-batch of 20 tokens: one or two sequences.
        var trainer = new Trainer(
            policy, new FixedRollouts(rollouts), Ppo.Create(options, _ => reference), optimizer,
            Episodes.Options(LearningRate, microBatchTokens: 20));
        using var writtenOut = new WrittenOutPpo(twin, options);
        for (var step = 0; step < 2; step++)
        {
            trainer.Step(step);
            writtenOut.Step(rollouts, reference, LearningRate);
            Assert.InRange(Episodes.Distance(Episodes.Weights(policy), Episodes.Weights(twin)), 0, Tolerance);
        }

        Assert.InRange(Episodes.Distance(before, Episodes.Weights(policy)), LearningRate / 2, 1);
    }

    private static Policy Make(Golden golden)
    {
        var policy = new Policy(golden.Decoder, new ValueHead(golden.Decoder.Config.Width, zero: false, seed: 5, CPU));
        policy.RequireGradients(true);
        return policy;
    }

    /// <summary>Golden token ids, cut; one begins with a hint, one holds feedback.</summary>
    private static ScoredRollout[] Rollouts(Golden golden)
    {
        var ids = golden.Sequences;
        return
        [
            Episodes.Make(0, ids[0][..12], prompt: 5) with { Reward = 1 },
            Episodes.Make(1, ids[1][..9], prompt: 3, [TokenRole.Hint, TokenRole.Hint, .. Sampled(4)]) with { Reward = 0.1 },
            Episodes.Make(2, ids[2], prompt: 1, [.. Sampled(3), TokenRole.Feedback, .. Sampled(3), TokenRole.Feedback]),
            Episodes.Make(3, ids[0][12..14], prompt: 1) with { Reward = 1 },
        ];

        static IEnumerable<TokenRole> Sampled(int count) => Enumerable.Repeat(TokenRole.Sampled, count);
    }
}
