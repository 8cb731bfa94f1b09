using Reft.Algorithms;
using Reft.Checkpoints;
using Reft.Models;
using Reft.Rollouts;
using Reft.Training;
using static TorchSharp.torch;

namespace Reft.Tests.Training;

/// <summary>What estimates values: a head on the shared trunk or a network of its own, its start and its warm-up.</summary>
public sealed class ValueNetworkTests : IDisposable
{
    private const int Vocabulary = 11;
    private const int Width = 16;

    private readonly PretrainedModel _model = TinyModels.Llama(Vocabulary, Width, seed: 1);
    private readonly PretrainedModel _network = TinyModels.Llama(Vocabulary, Width, seed: 2);
    private readonly ScoredRollout[] _rollouts = Episodes.Random(seed: 7, count: 8, Vocabulary);

    public void Dispose()
    {
        _model.Dispose();
        _network.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Gradients_OwnNetwork_NeverCross(bool ofValues)
    {
        using var scope = NewDisposeScope();
        using var policy = Make(own: true);
        var outputs = policy.Evaluate(Episodes.Sequences(_rollouts), PolicyQuestions.Values);

        (ofValues ? outputs.Values!.square().sum() : outputs.LogProbs.sum()).backward(); // They are asked for.

        // The network's language-model head estimates nothing.
        var values = Norms(Trunk(_network).Concat(policy.ValueHead!.Parameters));
        var policyNorms = Norms(_model.Decoder.Parameters);
        Assert.All(ofValues ? values : policyNorms, norm => Assert.True(norm > 0));
        Assert.All(ofValues ? policyNorms : values, norm => Assert.Equal(0, norm));
    }

    [Fact]
    public void Gradients_SharedTrunk_ComeFromTheValuesToo()
    {
        using var scope = NewDisposeScope();
        using var policy = Make(own: false);

        policy.Evaluate(Episodes.Sequences(_rollouts), PolicyQuestions.Values).Values!.sum().backward();

        Assert.All(Norms(Trunk(_model)), norm => Assert.True(norm > 0));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Ppo_ManyStepsOnTheSameRollouts_LearnsTheValues(bool own)
    {
        using var policy = Make(own);
        // Without a KL penalty and with λ = 1 every state's return is the terminal reward.
        var options = new PpoOptions
        {
            Lambda = 1,
            Kl = new KlOptions { Coefficient = 0 },
            ValueClip = null,
            ValueWarmupSteps = own ? 0 : 1000,
            FirstRatioTolerance = 1e6,
        };
        var steps = Run(policy, options, steps: 150, rate: 3e-3);

        Assert.InRange(steps[^1]["loss/value"], 0, steps[0]["loss/value"] * (own ? 0.05 : 0.8));
        Assert.InRange(steps[^1]["value/explained_variance"], own ? 0.9 : 0.1, 1);
    }

    [Fact]
    public void Ppo_ValueRateFactor_IsForValuesAlone()
    {
        using var policy = Make(own: true);
        Run(policy, new PpoOptions { ValueRateFactor = 7, FirstRatioTolerance = 1e6 }, steps: 1, rate: 1e-3);

        Assert.All(policy.ValueParameters, parameter => Assert.Equal(7, parameter.RateFactor));
        Assert.All(_model.Decoder.Parameters, parameter => Assert.Equal(1, parameter.RateFactor));
    }

    [Fact]
    public void ValueParameters_AreThoseThatEstimateValuesAlone()
    {
        using var shared = Make(own: false);
        using var own = Make(own: true);

        Assert.Equal(["value_head.weight", "value_head.bias"], shared.ValueParameters.Select(p => p.Name));
        Assert.Equal(own.Parameters.Except(_model.Decoder.Parameters), own.ValueParameters);
        Assert.Equal(_network.Decoder.Parameters.Count + 2, own.ValueParameters.Count);
    }

    [Fact]
    public void ValueHead_Zero_GivesZerosAtFirstAndAnyOtherDoesNot()
    {
        using var zero = new Policy(_model.Decoder, new ValueHead(Width, zero: true, seed: 3, CPU));
        using var drawn = new Policy(_network.Decoder, new ValueHead(Width, zero: false, seed: 3, CPU));

        Assert.All(Values(zero), v => Assert.Equal(0, v));
        Assert.All(Values(drawn), v => Assert.NotEqual(0, v));
        // torch's Linear: uniform within 1/√D.
        Assert.All(Episodes.Flat(drawn.ValueHead!.Parameters), w => Assert.InRange(w, -0.25f, 0.25f));
        Assert.True(Episodes.Flat([drawn.ValueHead.Weight]).Max(Math.Abs) > 0.15);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Ppo_ValueWarmup_MovesTheValuesAndNoBitOfThePolicy(bool own)
    {
        using var policy = Make(own);
        var (trunk, head) = (Episodes.Flat(_model.Decoder.Parameters), Episodes.Flat(policy.ValueHead!.Parameters));
        var network = Episodes.Flat(Trunk(_network));
        const double Rate = 1e-3;
        using var optimizer = new AdamW(policy.Parameters, new AdamWOptions { WeightDecay = 0.1 });
        var options = new PpoOptions { ValueWarmupSteps = 3, FirstRatioTolerance = 1e6, Epochs = 1 };
        var trainer = Trainer(policy, options, optimizer, Rate);

        for (var step = 0; step < 3; step++)
        {
            trainer.Step(step);
        }

        Assert.Equal(trunk, Episodes.Flat(_model.Decoder.Parameters));
        Assert.All(head.Zip(Episodes.Flat(policy.ValueHead.Parameters)), w => Assert.NotEqual(w.First, w.Second));
        Assert.Equal(own, Episodes.Distance(network, Episodes.Flat(Trunk(_network))) > 0);

        trainer.Step(3);

        // Adam's first step of a weight is at most the learning rate; then its decay.
        var moved = Episodes.Distance(trunk, Episodes.Flat(_model.Decoder.Parameters));
        Assert.InRange(moved, Rate / 2, Rate * 1.1);
    }

    private Policy Make(bool own)
    {
        var policy = new Policy(
            _model.Decoder, new ValueHead(Width, zero: false, seed: 3, CPU), own ? _network.Decoder : null);
        policy.RequireGradients(true);
        return policy;
    }

    private StepMetrics[] Run(Policy policy, PpoOptions options, int steps, double rate)
    {
        using var optimizer = new AdamW(policy.Parameters, new AdamWOptions());
        var trainer = Trainer(policy, options, optimizer, rate);
        return [.. Enumerable.Range(0, steps).Select(step => trainer.Step(step).Metrics)];
    }

    private Trainer Trainer(Policy policy, PpoOptions options, AdamW optimizer, double rate)
    {
        var rollouts = Episodes.Drawn(policy, _rollouts);
        var algorithm = Ppo.Create(options, sequences => PolicyEvaluation.LogProbs(policy, sequences, 4096));
        return new Trainer(policy, new FixedRollouts(rollouts), algorithm, optimizer, Episodes.Options(rate));
    }

    private static IEnumerable<Parameter> Trunk(PretrainedModel model) =>
        model.Decoder.Parameters.Where(p => p.Name != "lm_head.weight");

    private float[] Values(Policy policy) =>
        [.. PolicyEvaluation.Values(policy, Episodes.Sequences(_rollouts), 4096).SelectMany(v => v)];

    private static float[] Norms(IEnumerable<Parameter> parameters) => [.. parameters.Select(p =>
    {
        using var gradient = p.Value.grad;
        return gradient is null ? 0 : gradient.norm().item<float>();
    })];
}
