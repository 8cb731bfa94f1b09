using Reft.Reporting;
using Reft.Training.Runs;

namespace Reft.Tests.Reporting;

public sealed class RolloutPickerTests(MadeRun run) : IClassFixture<MadeRun>
{
    private readonly RolloutIndex _index = RolloutIndex.Read(Path.Combine(run.Folder, "rollouts.jsonl"));

    [Theory]
    [InlineData(0, "")]
    [InlineData(1, "0")]
    [InlineData(2, "1 0")]
    [InlineData(9, "8 0 4 2 6 1 3 5 7")]
    public void Spread_Steps_AreLastFirstThenMiddles(int count, string expected) =>
        Assert.Equal(expected, string.Join(" ", RolloutPicker.Spread(count)));

    [Fact]
    public void Spread_AnyCount_NamesEachOnce()
    {
        for (var count = 0; count < 130; count++)
        {
            Assert.Equal(Enumerable.Range(0, count), RolloutPicker.Spread(count).Order());
        }
    }

    [Fact]
    public void EvenlySpaced_MoreThanFit_KeepsDistance() =>
        Assert.Equal([0, 2, 5, 7], RolloutPicker.EvenlySpaced(Enumerable.Range(0, 10).ToArray(), 4));

    [Fact]
    public void Pick_RoomForAll_ShowsAll()
    {
        var picker = Pick(new ReportLimits());

        Assert.Equal(120, picker.Rollouts.Count);
        Assert.Equal("All 120 rollouts are shown.", picker.Describe());
    }

    [Fact]
    public void Pick_FewOfEachStep_ShowsTheLastStepWhole()
    {
        var picker = Pick(new ReportLimits { StepRollouts = 2 });

        Assert.Equal(62, picker.Rollouts.Count);
        Assert.Equal(4, picker.Rollouts.Count(rollout => rollout.Step == 29));
        Assert.All(Enumerable.Range(0, 29), step => Assert.Equal(2, picker.Rollouts.Count(rollout => rollout.Step == step)));
        Assert.StartsWith(
            "62 of 120 rollouts, from 30 of 30 steps: the last step whole", picker.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public void Pick_LittleRoom_HoldsTheBytesAndSpreadsTheSteps()
    {
        var picker = Pick(new ReportLimits { RolloutBytes = 150_000 });

        var steps = picker.Rollouts.Select(rollout => rollout.Step).Distinct().ToArray();
        Assert.InRange(picker.Rollouts.Sum(rollout => (long)PageJson.Length(rollout)), 75_000, 150_000);
        Assert.Contains(29, steps);
        Assert.Contains(0, steps);
        Assert.InRange(steps.Length, 3, 29);
    }

    [Fact]
    public void Pick_FlippedProblem_IsThereAtEveryStepOfIt()
    {
        var problem = _index.Steps[3][1].Problem;
        var all = _index.Steps.Sum(step => step.Value.Count(place => place.Problem == problem));

        // Room for hardly more than the last step.
        var picker = Pick(new ReportLimits { RolloutBytes = 100_000, StepRollouts = 1 }, problem);

        Assert.True(all > 0);
        Assert.Equal(all, picker.Rollouts.Count(rollout => rollout.Problem == problem));
    }

    [Fact]
    public void Pick_Tokens_AddUpToTheTextAndItsEnd()
    {
        var picker = Pick(new ReportLimits());

        Assert.All(picker.Rollouts, rollout => Assert.Equal(
            rollout.Text + (rollout.Finish == "length" ? "" : "<|endoftext|>"), string.Concat(rollout.Pieces!)));
        Assert.All(picker.Rollouts, rollout => Assert.Equal(rollout.Tokens, rollout.Pieces!.Length));
        Assert.StartsWith("Question:\n", picker.Prompt, StringComparison.Ordinal);
        Assert.EndsWith("Answer reasoning:\n", picker.Prompt, StringComparison.Ordinal);
    }

    [Fact]
    public void Pick_LongRollout_IsCutWithItsColumns()
    {
        var picker = Pick(new ReportLimits { RolloutTokens = 5 });

        Assert.All(picker.Rollouts, rollout => Assert.Equal(
            [5, 5, 5, 5, 5],
            new[] { rollout.Pieces!.Length, rollout.Roles!.Length, rollout.Kl!.Length, rollout.Values!.Length, rollout.Returns!.Length }));
    }

    private RolloutPicker Pick(ReportLimits limits, params string[] flipped)
    {
        var picker = new RolloutPicker(_index, TokenPieces.Find(new RunFolder(run.Folder), []), limits);
        picker.Pick(flipped.ToHashSet());
        return picker;
    }
}
