using Reft.Algorithms;
using Reft.Checkpoints;
using Reft.Models;
using Reft.Rollouts;
using Reft.Training;
using static TorchSharp.torch;

namespace Reft.Tests.Training;

/// <summary>PPO and supervised training of adapters: the base is the reference, and it never moves.</summary>
public sealed class LoraTrainingTests : IDisposable
{
    private const int Vocabulary = 11;

    private readonly PretrainedModel _model = TinyModels.Llama(Vocabulary, width: 16, layers: 2);
    private readonly PretrainedModel _base = TinyModels.Llama(Vocabulary, width: 16, layers: 2);
    private readonly Policy _policy;
    private readonly ScoredRollout[] _rollouts = Episodes.Random(seed: 5, count: 6, Vocabulary);

    public LoraTrainingTests()
    {
        _policy = new Policy(_model.Decoder, new ValueHead(16, zero: false, seed: 4, CPU));
        _policy.RequireGradients(true);
        _model.Decoder.AddAdapters(new LoraOptions { Rank = 2, Alpha = 4 }, seed: 6);
        _policy.RequireGradients(true);
    }

    public void Dispose()
    {
        _policy.Dispose();
        _base.Dispose();
    }

    [Fact]
    public void FreshAdapters_Policy_IsTheBaseToTheBit() => Assert.Equal(LogProbs(_base.Decoder), LogProbs(_model.Decoder));

    [Fact]
    public void Ppo_ThreeSteps_MovesAdaptersAndHeadAlone()
    {
        var weights = Episodes.Flat(_model.Decoder.Parameters);
        var adapters = Episodes.Flat(_model.Decoder.AdapterParameters);
        var head = Episodes.Flat(_policy.ValueHead!.Parameters);
        var kl = Train(Ppo.Create(new PpoOptions { FirstRatioTolerance = 10 }, Reference), steps: 3);

        Assert.Equal(weights, Episodes.Flat(_model.Decoder.Parameters));
        Assert.All(_model.Decoder.Parameters, p => Assert.Null(p.Value.grad));
        Assert.All(adapters.Zip(Episodes.Flat(_model.Decoder.AdapterParameters)), w => Assert.NotEqual(w.First, w.Second));
        Assert.All(head.Zip(Episodes.Flat(_policy.ValueHead.Parameters)), w => Assert.NotEqual(w.First, w.Second));
        // The policy is its reference at first, and no longer after three steps.
        Assert.Equal(0, kl[0]["kl/k1_sequence"]);
        Assert.NotEqual(LogProbs(_base.Decoder), LogProbs(_model.Decoder));
        // With its adapters off it is the base as it was, to the bit.
        Assert.Equal(LogProbs(_base.Decoder), Reference(Episodes.Sequences(_rollouts)).SelectMany(p => p));
    }

    [Fact]
    public void CrossEntropy_ManySteps_LearnsWithAdaptersAlone()
    {
        var weights = Episodes.Flat(_model.Decoder.Parameters);

        var steps = Train(CrossEntropy.Create(new CrossEntropyOptions()), steps: 60);

        Assert.Equal(weights, Episodes.Flat(_model.Decoder.Parameters));
        // The frozen base is random: adapters of rank 2 reach what frequencies of tokens say, and a little more.
        Assert.InRange(steps[^1]["loss/nll"], 0, 0.92 * steps[0]["loss/nll"]);
    }

    [Fact]
    public void TrainedParameters_WithAdapters_AreTheyAndTheHead() => Assert.Equal(
        _model.Decoder.AdapterParameters.Concat(_policy.ValueHead!.Parameters), _policy.Parameters);

    private float[][] Reference(IReadOnlyList<PolicySequence> sequences)
    {
        using var off = _model.Decoder.WithoutAdapters();
        return PolicyEvaluation.LogProbs(_policy, sequences, 4096);
    }

    private StepMetrics[] Train(IAlgorithm algorithm, int steps)
    {
        using var optimizer = new AdamW(_policy.Parameters, new AdamWOptions());
        var trainer = new Trainer(
            _policy, new FixedRollouts(Episodes.Drawn(_policy, _rollouts)), algorithm, optimizer, Episodes.Options(1e-2));
        return [.. Enumerable.Range(0, steps).Select(step => trainer.Step(step).Metrics)];
    }

    private float[] LogProbs(Decoder decoder) =>
        [.. PolicyEvaluation.LogProbs(new Policy(decoder), Episodes.Sequences(_rollouts), 4096).SelectMany(p => p)];
}
