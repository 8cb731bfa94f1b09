using Reft.Algorithms;
using Reft.Generation;
using Reft.Models;
using Reft.Rollouts;
using Reft.Training;
using Reft.Verification;
using static TorchSharp.torch;

namespace Reft.Tests.Training;

/// <summary>The figures of a step that do not depend on the algorithm, by hand arithmetic.</summary>
public sealed class StepMetricsTests
{
    [Fact]
    public void Step_Rollouts_AreCounted()
    {
        using var model = TinyModels.Llama(11, width: 16);
        TokenRole[] roles = [TokenRole.Hint, TokenRole.Sampled, TokenRole.Sampled];
        ScoredRollout[] rollouts =
        [
            Judged(Episodes.Make(0, [1, 2, 3, 4, 5], prompt: 2), Outcome.Correct, 1),
            Judged(Episodes.Make(1, [1, 2, 3, 0], prompt: 1, roles), Outcome.Incorrect, 0.1),
            Judged(Episodes.Make(2, [1, 2], prompt: 1), Outcome.NoAnswer, 0) with { FinishReason = FinishReason.Length },
            Judged(Episodes.Make(3, [1, 2, 3, 4, 5, 6], prompt: 5), Outcome.Error, 0),
        ];

        var metrics = Step(model.Decoder, rollouts);

        Assert.Equal(4, metrics["rollout/sequences"]);
        Assert.Equal(3 + 2 + 1 + 1, metrics["rollout/tokens"]);
        Assert.Equal((3 + 3 + 1 + 1) / 4.0, metrics["rollout/length_mean"]);
        Assert.Equal(3, metrics["rollout/length_max"]);
        Assert.Equal((2 + 1 + 1 + 5) / 4.0, metrics["rollout/prompt_mean"]);
        Assert.Equal(0.25, metrics["rollout/truncated_share"]);
        Assert.Equal(1.1 / 4, metrics["reward/verdict_mean"], 1e-15);
        Assert.Equal(0.25, metrics["verdict/correct_share"]);
        Assert.Equal(0.25, metrics["verdict/incorrect_share"]);
        Assert.Equal(0.25, metrics["verdict/no_answer_share"]);
        Assert.Equal(0.25, metrics["verdict/error_share"]);
        Assert.Equal(0, metrics["verdict/timeout_share"]);
    }

    [Fact]
    public void Step_GoldSolutions_HaveNoVerdicts()
    {
        using var model = TinyModels.Llama(11, width: 16);

        var metrics = Step(model.Decoder, [Episodes.Make(0, [1, 2, 3], prompt: 1)]);

        Assert.DoesNotContain(metrics.All.Keys, name => name.StartsWith("verdict/", StringComparison.Ordinal));
        Assert.Equal(double.NaN, metrics["reward/verdict_mean"]);
    }

    [Fact]
    public void Step_Optimizer_SaysHowFarTheWeightsMoved()
    {
        using var model = TinyModels.Llama(11, width: 16);
        var before = Episodes.Flat(model.Decoder.Parameters);
        var rollouts = Episodes.Random(seed: 1, count: 3, vocabulary: 11);
        var gradient = Gradient(model.Decoder, rollouts);

        var metrics = Step(model.Decoder, rollouts);

        var after = Episodes.Flat(model.Decoder.Parameters);
        var moved = Math.Sqrt(before.Zip(after, (a, b) => Math.Pow((double)a - b, 2)).Sum());
        // Sums of squares in float32 over stretches.
        Assert.Equal(moved, metrics["optimizer/update_norm"], 1e-5 * moved);
        Assert.Equal(gradient, metrics["optimizer/gradient_norm"], 1e-5 * gradient);
        var changed = before.Zip(after).Count(w => w.First != w.Second);
        Assert.Equal((double)changed / before.Length, metrics["optimizer/changed_share"]);
        Assert.InRange(metrics["optimizer/changed_share"], 0.5, 0.999); // Rows of tokens that no sequence holds stay.
        Assert.Equal(1e-3, metrics["optimizer/learning_rate"]);
        Assert.Equal(0, metrics["optimizer/skipped"]);
    }

    [Fact]
    public void Metrics_MeansAndExtremes_EqualHandArithmetic()
    {
        var metrics = new StepMetrics();
        metrics.Add("mean", 2, weight: 3);
        metrics.Add("mean", 6, weight: 1);
        metrics.Add("nothing", 5, weight: 0);
        metrics.Max("max", -3);
        metrics.Max("max", -4);
        metrics.Min("min", 3);
        metrics.Min("min", 4);
        metrics.Set("set", 1);
        metrics.Set("set", 2);

        Assert.Equal((3.0, -3.0, 3.0, 2.0), (metrics["mean"], metrics["max"], metrics["min"], metrics["set"]));
        Assert.Equal(double.NaN, metrics["nothing"]);
        Assert.Equal(["max", "mean", "min", "set"], metrics.All.Keys);
    }

    private static ScoredRollout Judged(ScoredRollout rollout, Outcome outcome, double reward) =>
        rollout with { Verdict = new Verdict(rollout.SampleId, outcome, null, ""), Reward = reward };

    private static StepMetrics Step(Decoder decoder, ScoredRollout[] rollouts)
    {
        var policy = new Policy(decoder);
        policy.RequireGradients(true);
        using var optimizer = new AdamW(policy.Parameters, new AdamWOptions());
        var trainer = new Trainer(
            policy, new FixedRollouts(rollouts), CrossEntropy.Create(new CrossEntropyOptions()), optimizer,
            Episodes.Options(1e-3));
        return trainer.Step(0).Metrics;
    }

    private static double Gradient(Decoder decoder, ScoredRollout[] rollouts)
    {
        using var scope = NewDisposeScope();
        var policy = new Policy(decoder);
        policy.RequireGradients(true);
        var logProbs = policy.Evaluate(Episodes.Sequences(rollouts), PolicyQuestions.None).LogProbs;
        (-logProbs.masked_select(tensor(rollouts.SelectMany(r => r.Sampled).ToArray())).mean()).backward();
        return Math.Sqrt(Episodes.TakeGradients(policy).Sum(g => (double)g * g));
    }
}
