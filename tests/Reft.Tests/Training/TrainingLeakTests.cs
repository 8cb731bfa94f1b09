using System.Text.Json.Nodes;
using Reft.Algorithms;
using Reft.Generation;
using Reft.Models;
using Reft.Rollouts;
using Reft.Training;
using static TorchSharp.torch;

namespace Reft.Tests.Training;

/// <summary>Hundreds of steps leave no tensor behind.</summary>
[NoTensorLeak]
[Collection(TensorCounting.Name)]
public sealed class TrainingLeakTests
{
    private const int Vocabulary = 11;

    [Fact]
    public void Ppo_ManySteps_KeepsTheLiveTensorsFlat()
    {
        using var model = TinyModels.Llama(Vocabulary, width: 16);
        using var policy = new Policy(model.Decoder, new ValueHead(16, zero: true, seed: 4, CPU));
        var options = new PpoOptions { MiniBatch = 2, ValueWarmupSteps = 2, FirstRatioTolerance = 0.05 };
        var algorithm = Ppo.Create(options, sequences => PolicyEvaluation.LogProbs(policy, sequences, 16));

        AssertFlat(policy, new Draws(policy), algorithm);
    }

    [Theory]
    [InlineData(WeightQuantization.None)]
    [InlineData(WeightQuantization.Nf4)]
    public void PpoOnAdapters_ManySteps_KeepsTheLiveTensorsFlat(WeightQuantization quantization)
    {
        using var model = TinyModels.Llama(Vocabulary, width: 16);
        model.Decoder.QuantizeBase(quantization);
        model.Decoder.AddAdapters(new LoraOptions { Rank = 2, Alpha = 4 }, seed: 6);
        using var policy = new Policy(model.Decoder, new ValueHead(16, zero: true, seed: 4, CPU));

        var algorithm = Ppo.Create(new PpoOptions { FirstRatioTolerance = 0.05 }, sequences =>
        {
            using var off = model.Decoder.WithoutAdapters();
            return PolicyEvaluation.LogProbs(policy, sequences, 4096);
        });

        AssertFlat(policy, new Draws(policy), algorithm, steps: 50);
    }

    [Fact]
    public void CrossEntropy_ManySteps_KeepsTheLiveTensorsFlat()
    {
        using var model = TinyModels.Gpt2(Vocabulary, width: 16);
        using var policy = new Policy(model.Decoder);

        var source = new FixedRollouts(Episodes.Random(seed: 3, count: 6, Vocabulary));
        AssertFlat(policy, source, CrossEntropy.Create(new CrossEntropyOptions()));
    }

    [Fact]
    public void MicroBatchesSideBySide_ManySteps_KeepTheLiveTensorsFlat()
    {
        using var model = TinyModels.Llama(Vocabulary, width: 16);
        using var policy = new Policy(model.Decoder, new ValueHead(16, zero: true, seed: 4, CPU));
        // In the first steps the trunk gets no gradients.
        var options = new PpoOptions { ValueWarmupSteps = 2, FirstRatioTolerance = 0.05 };
        var algorithm = Ppo.Create(options, sequences => PolicyEvaluation.LogProbs(policy, sequences, 16));

        AssertFlat(policy, new Draws(policy), algorithm, steps: 100, atOnce: 3);
    }

    private static void AssertFlat(Policy policy, IRolloutSource source, IAlgorithm algorithm, int steps = 200, int atOnce = 1)
    {
        policy.RequireGradients(true);
        using var optimizer = new AdamW(policy.Parameters, new AdamWOptions());
        var trainer = new Trainer(policy, source, algorithm, optimizer, Episodes.Options(1e-4, microBatchTokens: 24) with { MicroBatchesAtOnce = atOnce });
        var live = Enumerable.Range(0, steps).Select(step =>
        {
            trainer.Step(step);
            return Tensor.TotalCount;
        }).ToArray();

        Assert.Equal((live[0], live[0]), (live.Min(), live.Max()));
    }

    /// <summary>Four rollouts drawn from the policy; the reward is the share of token 7.</summary>
    private sealed class Draws(Policy policy) : IRolloutSource
    {
        private static readonly SamplingOptions _sampling = new()
        {
            Temperature = 1,
            TopK = 0,
            TopP = 1,
            MinP = 0,
            MaxTokens = 5,
            StopTokens = [0],
            Seed = 3,
        };

        public long StepsPerEpoch => 1;

        public JsonObject Save() => [];

        public void Restore(JsonObject state)
        {
        }

        public IReadOnlyList<ScoredRollout> Collect(long step, CancellationToken cancellation) =>
            [.. new CompletionGenerator(policy.Decoder, 4)
                .Generate(
                    [.. Enumerable.Range(0, 4).Select(i => new GenerationRequest((ulong)i, 0, [1 + i, 2]))], _sampling, (ulong)step,
                    cancellation: cancellation)
                .Select((c, i) => Episodes.Make(i, [.. c.Request.Prompt, .. c.Tokens], prompt: 2) with
                {
                    LogProbs = c.LogProbs,
                    FinishReason = c.FinishReason,
                    Reward = c.Tokens.Average(t => t == 7 ? 1.0 : 0),
                })];
    }
}
