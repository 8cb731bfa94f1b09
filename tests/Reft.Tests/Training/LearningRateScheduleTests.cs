using Reft.Algorithms;
using Reft.Methods;
using Reft.Models;
using Reft.Training;

namespace Reft.Tests.Training;

/// <summary>Learning rates by hand, and what it means to stop a run before the end of its schedule.</summary>
public sealed class LearningRateScheduleTests
{
    [Theory]
    // Four steps of warm-up to 1, then ten down.
    [InlineData("linear", 0, 0)]
    [InlineData("linear", 1, 0.25)]
    [InlineData("linear", 3, 0.75)]
    [InlineData("linear", 4, 1)]
    [InlineData("linear", 5, 0.9)]
    [InlineData("linear", 13, 0.1)]
    [InlineData("linear", 14, 0)]
    [InlineData("linear", 99, 0)]
    [InlineData("cosine", 2, 0.5)]
    [InlineData("cosine", 4, 1)]
    [InlineData("cosine", 9, 0.5)]
    [InlineData("cosine", 14, 0)]
    [InlineData("cosine", 99, 0)]
    [InlineData("constant", 2, 0.5)]
    [InlineData("constant", 4, 1)]
    [InlineData("constant", 99, 1)]
    public void At_FourOfWarmupAndTenMore_EqualsHandArithmetic(string kind, long step, double expected) =>
        Assert.Equal(3e-4 * expected, Make(kind, warmup: 4, total: 14, peak: 3e-4).At(step), 1e-18);

    [Fact]
    public void At_CosineThirdOfTheWay_IsThreeQuarters() =>
        Assert.Equal(0.75, Make("cosine", warmup: 0, total: 9).At(3), 1e-15); // ½ (1 + cos 60°)

    [Theory]
    [InlineData("constant", 1)]
    [InlineData("linear", 1)]
    [InlineData("cosine", 1)]
    public void At_NoWarmup_StartsAtThePeak(string kind, double expected) =>
        Assert.Equal(expected, Make(kind, warmup: 0, total: 5).At(0));

    [Fact]
    public void At_SecondEpochOfThePapersForty_IsHalfOfThePeak()
    {
        // GSM8K, P-CoT: 154 steps an epoch; the program counts 6120 steps in 40 epochs, 612 of them warm-up. The warm-up
        // checkpoint of ReFT is that of epoch 2, after step 307: it has never seen the peak.
        var schedule = Make("linear", warmup: 612, total: 6120, peak: 1e-5);

        Assert.Equal(1e-5 * 307 / 612, schedule.At(307), 1e-18);
        Assert.Equal(1e-5 * (6120 - 3000) / (6120 - 612), schedule.At(3000), 1e-18);
    }

    [Theory]
    [InlineData("linear")]
    [InlineData("cosine")]
    public void Trainer_StoppedInTheMiddle_HasTheWeightsOfTheWholeRunThere(string kind)
    {
        var schedule = Make(kind, warmup: 2, total: 8, peak: 1e-2);
        var whole = Run(schedule, steps: 8);
        var stopped = Run(schedule, steps: 3);
        var ownSchedule = Run(schedule with { TotalSteps = 3 }, steps: 3);

        Assert.Equal(whole[..3].Select(s => s.Rate), stopped.Select(s => s.Rate));
        Assert.Equal(Enumerable.Range(0, 8).Select(i => schedule.At(i)), whole.Select(s => s.Rate));
        Assert.Equal(whole[2].Weights, stopped[2].Weights);
        Assert.Equal(whole[1].Weights, ownSchedule[1].Weights); // Both are still warming up.
        Assert.NotEqual(whole[7].Weights, stopped[2].Weights);
    }

    private static List<(double Rate, float[] Weights)> Run(LearningRateSchedule schedule, int steps)
    {
        using var model = TinyModels.Llama(11, width: 16);
        var policy = new Policy(model.Decoder);
        policy.RequireGradients(true);
        using var optimizer = new AdamW(policy.Parameters, new AdamWOptions());
        var trainer = new Trainer(
            policy, new FixedRollouts(Episodes.Random(seed: 1, count: 3, vocabulary: 11)),
            CrossEntropy.Create(new CrossEntropyOptions()), optimizer, Episodes.Options(1) with { Schedule = schedule });
        return [.. Enumerable.Range(0, steps).Select(step =>
            (trainer.Step(step)["optimizer/learning_rate"], Episodes.Weights(policy)))];
    }

    private static LearningRateSchedule Make(string kind, long warmup, long total, double peak = 1) =>
        new() { Peak = peak, Shape = Catalog.Default.Schedules.Single(shape => shape.Name == kind), WarmupSteps = warmup, TotalSteps = total };
}
