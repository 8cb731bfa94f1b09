using Reft.Algorithms;
using Reft.Algorithms.Advantages;
using Reft.Algorithms.Preparations;
using Reft.Methods;
using Reft.Models;
using Reft.Problems;
using Reft.Rollouts;
using Reft.Tests.Training;
using static TorchSharp.torch;

namespace Reft.Tests.Algorithms;

/// <summary>The second stage of LatentR3: scores, the batch's baseline and norm, and what learns.</summary>
[NoTensorLeak]
[Collection(TensorCounting.Name)]
public sealed class LatentTests
{
    [Fact]
    public void Perplexity_ByHand() =>
        // Probabilities 1/2 and 1/8: the geometric mean is 1/4.
        Assert.Equal(4, LatentScores.Perplexity([MathF.Log(0.5f), MathF.Log(0.125f)]), 1e-6);

    [Fact]
    public void BatchAdvantages_ByHand()
    {
        // The baseline is the mean of -2 and -4; differences 1, 0, -1, 2, and √6.
        var (advantages, baseline, norm) = BatchAdvantages.Relative([-2, -3, -4, -1], [true, false, true, false]);

        Assert.Equal(-3, baseline);
        Assert.Equal(Math.Sqrt(6), norm, 1e-12);
        Assert.Equal([1 / Math.Sqrt(6), 0, -1 / Math.Sqrt(6), 2 / Math.Sqrt(6)], advantages.Select(a => Math.Round(a, 12)), (a, b) => Math.Abs(a - b) < 1e-11);
        Assert.Equal(1, advantages.Sum(a => a * a), 1e-12);
    }

    [Fact]
    public void BatchAdvantages_AllEqual_AreZero() =>
        Assert.All(BatchAdvantages.Relative([0.1, 0.1, 0.1], [true, true, true]).Advantages, a => Assert.Equal(0, a));

    [Fact]
    public void Prepare_ScoresEverySlotByItsOwnAnswer()
    {
        using var model = TinyModels.Llama(12, width: 16);
        model.Decoder.AddSlot(seed: 3);
        var policy = new Policy(model.Decoder) { TrainsSlotAlone = true };
        ScoredRollout[] answers = [Answer("a", [1, 5, 2, 8, 0], 3), Answer("b", [4, 7, 0], 1)];
        var rollouts = new LatentRollouts(new Given(answers), thoughts: 3, deviation: 1.5, seed: 6).Collect(step: 2, default);
        var metrics = new StepMetrics();

        var prepared = new LatentScores(new BatchAdvantages(rollout => rollout.Noise is null), tokens: 100).Prepare(rollouts, policy, metrics);

        Assert.Equal(["a#0", "a#1", "a#2", "b#0", "b#1", "b#2"], prepared.Select(t => t.Rollout.SampleId));
        Assert.Equal([true, false, false, true, false, false], prepared.Select(t => t.Rollout.Noise is null));
        using var frozen = no_grad();
        using var packed = policy.Prepare();
        using var scope = NewDisposeScope();
        var scores = prepared.Select(t =>
        {
            var alone = policy.Evaluate([t.Sequence], PolicyQuestions.None).LogProbs.data<float>().ToArray();
            return -Math.Exp(-alone.Sum(p => (double)p) / alone.Length);
        }).ToArray();
        Assert.Distinct(scores);
        Assert.Equal(scores, prepared.Select(t => t.Rollout.Reward), (a, b) => Math.Abs(a - b) < 1e-9);
        var baseline = (scores[0] + scores[3]) / 2;
        var norm = Math.Sqrt(scores.Sum(s => (s - baseline) * (s - baseline)));
        foreach (var (trajectory, score) in prepared.Zip(scores))
        {
            Assert.All(trajectory.Advantages, a => Assert.Equal((score - baseline) / norm, a, 1e-6));
        }

        Assert.Equal(-baseline, metrics["latent/perplexity"], 1e-9);
        Assert.Equal(-(scores[1] + scores[2] + scores[4] + scores[5]) / 4, metrics["latent/noised_perplexity"], 1e-9);
        Assert.Equal(new[] { scores[1] > scores[0], scores[2] > scores[0], scores[4] > scores[3], scores[5] > scores[3] }.Count(x => x) / 4.0, metrics["latent/better_share"], 1e-9);
    }

    [Fact]
    public void Collect_AnotherStepOrSeed_IsOtherNoise()
    {
        var source = new Given([Answer("a", [1, 2, 0], 1)]);
        var keys = new[] { (6UL, 2L), (6UL, 3L), (7UL, 2L) }
            .SelectMany(one => new LatentRollouts(source, 3, 1.5, one.Item1).Collect(one.Item2, default).Skip(1).Select(r => r.Noise!.Value.Key));

        Assert.Distinct(keys);
        Assert.Equal(
            new LatentRollouts(source, 3, 1.5, 6).Collect(2, default)[1].Noise, new LatentRollouts(source, 8, 1.5, 6).Collect(2, default)[1].Noise);
    }

    /// <summary>Before the first update the surrogate's gradient is that of <c>-Σ w A log π</c>.</summary>
    [Fact]
    public void Loss_FirstUpdate_HasTheGradientOfWeighedLikelihoods()
    {
        using var model = TinyModels.Llama(12, width: 16);
        model.Decoder.AddSlot(seed: 3);
        var policy = new Policy(model.Decoder) { TrainsSlotAlone = true };
        policy.RequireGradients(true);
        var rollouts = new LatentRollouts(new Given([Answer("a", [1, 5, 2, 8, 0], 3), Answer("b", [4, 7, 0], 1)]), 3, 1.5, seed: 6).Collect(2, default);
        var (algorithm, metrics) = (Latent.Create(new LatentOptions()), new StepMetrics());
        using var scope = NewDisposeScope();
        var prepared = algorithm.Prepare(rollouts, policy, metrics);
        var weights = algorithm.Weigh(prepared);
        var columns = new TokenColumns(prepared, weights, model.Decoder.Device.Torch);
        PolicySequence[] sequences = [.. prepared.Select(t => t.Sequence)];

        algorithm.Loss(policy.Evaluate(sequences, algorithm.Questions(0)), columns, metrics, 0).backward();

        var found = Take();
        var factors = prepared.SelectMany(t => t.Advantages.Select(a => -a / (6f * t.Advantages.Length))).ToArray();
        (policy.Evaluate(sequences, PolicyQuestions.None).LogProbs * tensor(factors)).sum().backward();
        Assert.Equal(Take(), found, (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.Contains(found, g => Math.Abs(g) > 1e-4);

        float[] Take() => [.. policy.Parameters.SelectMany(parameter =>
        {
            var values = parameter.Value.grad!.data<float>().ToArray();
            parameter.Value.grad!.Dispose();
            parameter.Value.grad = null;
            return values;
        })];
    }

    /// <summary>The gradient of the slot's own density, worked out from the slot and the noise that was drawn.</summary>
    [Fact]
    public void Loss_ThroughTheNoise_HasTheGradientOfTheSlotsDensity()
    {
        using var model = TinyModels.Llama(12, width: 16);
        model.Decoder.AddSlot(seed: 3);
        var policy = new Policy(model.Decoder) { TrainsSlotAlone = true };
        policy.RequireGradients(true);
        const double Sigma = 0.5;
        var rollouts = new LatentRollouts(new Given([Answer("a", [1, 5, 2, 8, 0], 3), Answer("b", [4, 7, 0], 1)]), 3, Sigma, seed: 6).Collect(2, default);
        var (algorithm, metrics) = (Latent.Create(new LatentOptions { Gradient = LatentGradient.Noise, Deviation = Sigma }), new StepMetrics());
        using var scope = NewDisposeScope();
        var prepared = algorithm.Prepare(rollouts, policy, metrics);
        var columns = new TokenColumns(prepared, algorithm.Weigh(prepared), model.Decoder.Device.Torch);

        algorithm.Loss(policy.Evaluate([.. prepared.Select(t => t.Sequence)], algorithm.Questions(0)), columns, metrics, 0).backward();

        var found = policy.Parameters.Select(parameter => parameter.Value.grad!.clone()).ToArray();
        foreach (var parameter in policy.Parameters)
        {
            parameter.Value.grad!.zero_();
        }

        // -Σ A log N(r_k; r, σ²) / 6 with r_k held: log N is -‖r_k - r‖² / 2σ² and a constant.
        var loss = tensor(0f);
        foreach (var t in prepared.Where(t => t.Rollout.Noise is not null))
        {
            var slot = model.Decoder.Slots(new TokenBatch([t.Rollout.Tokens[..t.Rollout.PromptLength]]), ForwardMode.Plain)[0];
            var drawn = (slot + tensor(t.Rollout.Noise!.Value.Draw(16))).detach();
            loss -= (drawn - slot).pow(2).sum([0]) * tensor(-t.Advantages[0] / (6f * 2 * (float)(Sigma * Sigma)));
        }

        loss.backward();
        foreach (var (parameter, gradient) in policy.Parameters.Zip(found))
        {
            Assert.True(allclose(parameter.Value.grad!, gradient, 1e-4, 1e-6));
            parameter.Value.grad!.Dispose();
            parameter.Value.grad = null;
        }

        Assert.Contains(found, gradient => gradient.abs().max().item<float>() > 1e-4);
    }

    private static ScoredRollout Answer(string id, int[] tokens, int prompt) => new()
    {
        SampleId = id,
        Problem = new Problem(id, "?", "1", "1"),
        Tokens = tokens,
        PromptLength = prompt,
        Roles = [.. tokens.Skip(prompt).Select(_ => TokenRole.Sampled)],
    };

    private sealed class Given(IReadOnlyList<ScoredRollout> answers) : IRolloutSource
    {
        public long StepsPerEpoch => 1;

        public IReadOnlyList<ScoredRollout> Collect(long step, CancellationToken cancellation) => answers;

        public System.Text.Json.Nodes.JsonObject Save() => [];

        public void Restore(System.Text.Json.Nodes.JsonObject state)
        {
        }
    }
}
