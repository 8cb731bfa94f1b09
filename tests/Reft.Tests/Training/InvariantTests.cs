using Reft.Algorithms;
using Reft.Problems;
using Reft.Rollouts;
using Reft.Tests.Configuration;
using Reft.Training;
using Reft.Training.Invariants;
using Reft.Verification;

namespace Reft.Tests.Training;

/// <summary>Each invariant is silent on a healthy step, and fires when what it guards is broken.</summary>
public sealed class InvariantTests
{
    public static TheoryData<string> Ids => [.. InvariantCatalog.Create(new InvariantOptions()).Select(i => i.Id)];

    [Theory]
    [MemberData(nameof(Ids))]
    public void Check_HealthySteps_NothingFires(string id)
    {
        var watch = new InvariantWatch(new InvariantOptions());

        var alarms = Enumerable.Range(0, 50).SelectMany(step => watch.Check(Healthy(step)));

        Assert.DoesNotContain(alarms, alarm => alarm.Id == id);
    }

    [Theory]
    [InlineData("mask-sum", "mask/loss_tokens", 5, 1, 1)]
    [InlineData("not-finite", "optimizer/skipped", 1, 1, 5)]
    [InlineData("weights-still", "optimizer/changed_share", 0, 1, 3)]
    [InlineData("kl-negative", "kl/k1_sequence", -0.5, 1, 5)]
    [InlineData("kl-collapse", "kl/k1_sequence", 101, 1, 3)]
    [InlineData("entropy-collapse", "policy/entropy", 0.0001, 1, 0)]
    [InlineData("error-verdicts", "verdict/error_share", 0.96, 1, 0)]
    public void Check_BrokenFigure_WarnsAndStops(string id, string metric, double value, int warns, int stops)
    {
        AssertFires(id, step => step.Metrics.Set(metric, value), warns, stops);
    }

    [Fact]
    public void Check_SampleWithAnothersVerdict_Stops() => AssertFires(
        "verdict-count",
        _ => { },
        warns: 1,
        stops: 1,
        rollout => rollout with { Verdict = new Verdict("other", Outcome.Correct, "1", "") });

    [Fact]
    public void Check_SampleWithoutVerdict_Stops() =>
        AssertFires("verdict-count", _ => { }, warns: 1, stops: 1, rollout => rollout with { Verdict = null });

    [Fact]
    public void Check_NoRewardForTwentySteps_Stops() =>
        AssertFires("reward-stuck", _ => { }, warns: 20, stops: 20, rollout => rollout with { Reward = 0 });

    [Fact]
    public void Check_TensorsGrowForTwentySteps_Warns() =>
        AssertFires("tensor-leak", step => step.Timings.Set("memory/tensor_growth", 1), warns: 20, stops: 0);

    // The mean begins at 0.8 and loses a tenth of what is above 0 a step: 0.8 · 0.9^14 is the first below 0.2.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Check_PolicyCollapses_WarnsAndStopsFiveStepsLater(bool resumed)
    {
        var watch = new InvariantWatch(new InvariantOptions());
        var (warned, stopped) = (-1, -1);
        for (var i = 0; stopped < 0 && i < 50; i++)
        {
            if (resumed)
            {
                var other = new InvariantWatch(new InvariantOptions());
                other.Restore(watch.Save());
                watch = other;
            }

            var step = Healthy(i);
            step.Metrics.Set("verdict/correct_share", i < 10 ? 0.8 : 0);
            foreach (var alarm in watch.Check(step).Where(alarm => alarm.Id == "reward-collapse"))
            {
                (warned, stopped) = alarm.Stops ? (warned, i) : (i, stopped);
                Assert.Equal(0.2, alarm.Limit, 1e-12);
            }
        }

        Assert.Equal((10 + 13, 10 + 13 + 4), (warned, stopped));
    }

    [Fact]
    public void Check_PolicyThatWasNeverGood_HasNothingToLose()
    {
        var watch = new InvariantWatch(new InvariantOptions());

        var alarms = Enumerable.Range(0, 60).SelectMany(i =>
        {
            var step = Healthy(i);
            step.Metrics.Set("verdict/correct_share", i < 10 ? 0.04 : 0);
            return watch.Check(step);
        });

        Assert.DoesNotContain(alarms, alarm => alarm.Id == "reward-collapse");
    }

    [Fact]
    public void Check_InvariantTurnedOff_IsSilent()
    {
        var watch = new InvariantWatch(new InvariantOptions { Off = ["mask-sum"] });
        var step = Healthy(0);
        step.Metrics.Set("mask/loss_tokens", 1);

        Assert.Empty(watch.Check(step));
    }

    [Fact]
    public void Check_HealthyStepBetween_CountsAnew()
    {
        var watch = new InvariantWatch(new InvariantOptions());

        var alarms = Enumerable.Range(0, 60).SelectMany(i =>
        {
            var step = Healthy(i);
            step.Metrics.Set("optimizer/changed_share", i % 3 == 0 ? 0.9 : 0);
            return watch.Check(step);
        }).ToArray();

        Assert.NotEmpty(alarms);
        Assert.All(alarms, alarm => Assert.False(alarm.Stops));
    }

    [Fact]
    public void Restore_SavedCounts_GoOn()
    {
        var options = new InvariantOptions { RewardStuckSteps = 4 };
        var first = new InvariantWatch(options);
        for (var i = 0; i < 3; i++)
        {
            Assert.Empty(first.Check(Healthy(i, r => r with { Reward = 0 })));
        }

        var second = new InvariantWatch(options);
        second.Restore(first.Save());

        Assert.True(Assert.Single(second.Check(Healthy(3, r => r with { Reward = 0 }))).Stops);
    }

    [Fact]
    public void Alarm_Line_SaysFigureLimitMeaningAndRemedy()
    {
        var step = Healthy(0);
        step.Metrics.Set("kl/k1_sequence", 250);

        var alarm = Assert.Single(new InvariantWatch(new InvariantOptions(), Configs.Read(Configs.Reft).Knob).Check(step));
        var other = Assert.Single(new InvariantWatch(new InvariantOptions()).Check(step));

        Assert.StartsWith("kl-collapse: the policy has left its reference (figure 250, limit 100). Raise ppo.kl.coefficient or lower", alarm.Line, StringComparison.Ordinal);
        Assert.EndsWith(". Lower the learning rate.", other.Line, StringComparison.Ordinal);
    }

    [Fact]
    public void Document_EveryInvariant_IsExplained()
    {
        var page = File.ReadAllText(Path.Combine(ArchitectureTests.Repository(), "docs", "invariants.md"));

        Assert.All(InvariantCatalog.Ids, id => Assert.Contains($"| `{id}` |", page, StringComparison.Ordinal));
        Assert.Contains($"| `{InvariantCatalog.FirstRatio}` |", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_UnknownId_IsNamed()
    {
        var error = Assert.Single(new InvariantOptions { Off = ["kl-colapse"] }.Validate("invariants"));

        Assert.StartsWith("invariants.off names 'kl-colapse'", error, StringComparison.Ordinal);
    }

    private static void AssertFires(
        string id, Action<TrainingStep> breaks, int warns, int stops, Func<ScoredRollout, ScoredRollout>? change = null)
    {
        var watch = new InvariantWatch(new InvariantOptions());
        var firstWarning = 0;
        var firstStop = 0;
        for (var i = 1; i <= 25; i++)
        {
            var step = Healthy(i, change);
            breaks(step);
            foreach (var alarm in watch.Check(step).Where(a => a.Id == id))
            {
                firstWarning = firstWarning == 0 ? i : firstWarning;
                firstStop = alarm.Stops && firstStop == 0 ? i : firstStop;
            }
        }

        Assert.Equal((warns, stops), (firstWarning, firstStop));
    }

    private static TrainingStep Healthy(int number, Func<ScoredRollout, ScoredRollout>? change = null)
    {
        var metrics = new StepMetrics();
        foreach (var (name, value) in new (string, double)[]
        {
            ("mask/loss_tokens", 6), ("mask/sampled_tokens", 6), ("optimizer/skipped", 0), ("optimizer/learning_rate", 1e-5),
            ("optimizer/gradient_norm", 1), ("optimizer/changed_share", 0.9), ("kl/k1_sequence", 0.3), ("kl/k1_sequence_se", 0.1),
            ("policy/entropy", 0.5), ("verdict/error_share", 0.1),
        })
        {
            metrics.Set(name, value);
        }

        var timings = new StepMetrics();
        timings.Set("memory/tensor_growth", 0);
        var rollouts = Enumerable.Range(0, 2).Select(i => new ScoredRollout
        {
            SampleId = $"s{i}",
            Problem = new Problem($"p{i}", "", "1"),
            Tokens = [1, 2, 3, 0],
            PromptLength = 1,
            Roles = [TokenRole.Sampled, TokenRole.Sampled, TokenRole.Sampled],
            LogProbs = [-1, -1, -1],
            Verdict = new Verdict($"s{i}", Outcome.Correct, "1", ""),
            Reward = i,
        });
        return new TrainingStep(
            number, [.. rollouts.Select(r => new Trajectory(change is null ? r : change(r)))], metrics, timings);
    }
}
