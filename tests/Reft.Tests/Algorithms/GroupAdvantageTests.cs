using Reft.Algorithms;
using Reft.Algorithms.Advantages;
using Reft.Algorithms.Preparations;
using Reft.Numerics;
using Reft.Problems;
using Reft.Rollouts;
using Reft.Tests.Numerics;
using Reft.Tests.Training;

namespace Reft.Tests.Algorithms;

public sealed class GroupAdvantageTests
{
    // Two of four are right: a mean of ½, squares of 4·¼ = 1.
    [Theory]
    [InlineData(GroupBaseline.Mean, GroupScale.None, 0.5)]
    [InlineData(GroupBaseline.Mean, GroupScale.PopulationDeviation, 1)] // √(1/4) = ½.
    [InlineData(GroupBaseline.Mean, GroupScale.SampleDeviation, 0.8660254037844386)] // √(1/3); ½√3.
    [InlineData(GroupBaseline.LeaveOneOut, GroupScale.None, 2.0 / 3)] // A right one's others have a mean of 1/3, a wrong one's of 2/3.
    public void Relative_TwoOfFourRight_EqualsHandArithmetic(GroupBaseline baseline, GroupScale scale, double expected) =>
        FiniteDifferences.AssertNear(
            [expected, -expected, -expected, expected], GroupAdvantages.Relative([1, 0, 0, 1], baseline, scale), 1e-12);

    [Theory]
    [InlineData(GroupScale.None)]
    [InlineData(GroupScale.SampleDeviation)]
    public void Relative_AllTheSameOrAlone_IsExactlyZero(GroupScale scale)
    {
        // The mean of three times 0.1 is not 0.1 in double, nor is their deviation 0.
        Assert.Equal([0, 0, 0], GroupAdvantages.Relative([0.1, 0.1, 0.1], GroupBaseline.Mean, scale));
        Assert.Equal([0], GroupAdvantages.Relative([7], GroupBaseline.LeaveOneOut, scale));
    }

    [Fact]
    public void Relative_RandomGroups_EqualTheDefinitionWrittenOut()
    {
        var random = new CounterRandom(4);
        for (var i = 0; i < 100; i++)
        {
            var rewards = Enumerable.Range(0, random.Between(2, 9)).Select(_ => random.NextDouble()).ToArray();

            var others = rewards.Select((r, k) => r - rewards.Where((_, j) => j != k).Average()).ToArray();
            var mean = rewards.Average();
            var deviation = Math.Sqrt(rewards.Select(r => Math.Pow(r - mean, 2)).Sum() / (rewards.Length - 1));

            FiniteDifferences.AssertNear(others, GroupAdvantages.Relative(rewards, GroupBaseline.LeaveOneOut, GroupScale.None), 1e-12);
            FiniteDifferences.AssertNear(
                [.. rewards.Select(r => (r - mean) / deviation)],
                GroupAdvantages.Relative(rewards, GroupBaseline.Mean, GroupScale.SampleDeviation), 1e-9);
        }
    }

    [Fact]
    public void Estimate_TwoProblemsInAnyOrder_ComparesWithinEachAndCountsTheEqualOnes()
    {
        // "a" is worth 1 and 0 in all, by rewards of single tokens; "b" twice the same.
        Trajectory[] rows =
        [
            Row(0, "a", [0.25, 0, 0.75], [TokenRole.Sampled, TokenRole.Feedback, TokenRole.Sampled]),
            Row(1, "b", [0.1], [TokenRole.Sampled]),
            Row(2, "a", [-0.5, 0.5], [TokenRole.Sampled, TokenRole.Sampled]),
            Row(3, "b", [0.1], [TokenRole.Sampled]),
        ];
        var metrics = new StepMetrics();

        var estimates = new GroupAdvantages(GroupBaseline.Mean, GroupScale.None).Estimate(rows, metrics);

        Assert.Equal([0.5, 0, 0.5], estimates[0].Values);
        Assert.Equal([0.0], estimates[1].Values);
        Assert.Equal([-0.5, -0.5], estimates[2].Values);
        Assert.All(estimates, e => Assert.Empty(e.Returns));
        Assert.Equal(0.5, metrics["group/equal_share"]);
    }

    [Fact]
    public void RewardsToGo_WithABaseline_SumsWhatIsStillToCome()
    {
        Trajectory[] rows = [Row(0, "a", [-0.1, 0, -0.2, 1], [TokenRole.Sampled, TokenRole.Feedback, TokenRole.Sampled, TokenRole.Sampled])];

        var plain = new RewardsToGo().Estimate(rows, new StepMetrics())[0].Values;
        var less = new RewardsToGo(_ => 0.5).Estimate(rows, new StepMetrics())[0].Values;

        FiniteDifferences.AssertNear([0.7, 0, 0.8, 1], plain, 1e-12);
        FiniteDifferences.AssertNear([0.2, 0, 0.3, 0.5], less, 1e-12);
    }

    [Theory]
    [InlineData(80, 0)] // Up to 100 - 20 nothing.
    [InlineData(85, -0.25)]
    [InlineData(100, -1)]
    [InlineData(130, -1)]
    public void LengthPenalty_OfTokens_GrowsEvenlyOverTheBuffer(int tokens, double expected) =>
        Assert.Equal(expected, new LengthPenalty(Limit: 100, Buffer: 20).Of(tokens), 1e-12);

    [Fact]
    public void Prepare_LengthPenaltyAndEqualGroups_AreInRewardsAndLeftOut()
    {
        var preparation = new PolicyPreparation(new GroupAdvantages(GroupBaseline.Mean, GroupScale.None))
        {
            Rewards = new RewardShaping { Length = new LengthPenalty(Limit: 4, Buffer: 2) },
            LeavesOutEqualGroups = true,
        };
        // "a" is right once, with three tokens of four; "b" never.
        ScoredRollout[] rollouts =
        [
            Rollout(0, "a", 3, reward: 1), Rollout(1, "a", 1, reward: 0), Rollout(2, "b", 4, reward: 0), Rollout(3, "b", 1, reward: 0),
        ];
        using var model = TinyModels.Llama(10, width: 16);
        using var policy = new Reft.Models.Policy(model.Decoder);

        var rows = preparation.Prepare(rollouts, policy, new StepMetrics());

        Assert.Equal([false, false, true, true], rows.Select(r => r.LeftOut));
        Assert.Equal([0, 0, 0.5], rows[0].Rewards);
        Assert.Equal([0.25f, 0.25f, 0.25f], rows[0].Advantages);
        Assert.Equal([-0.25f], rows[1].Advantages);
    }

    private static Trajectory Row(int id, string problem, double[] rewards, TokenRole[] roles) =>
        new(Episodes.Make(id, [1, .. roles.Select(_ => 2)], prompt: 1, roles) with { Problem = new Problem(problem, "", "") })
        {
            Rewards = rewards,
        };

    private static ScoredRollout Rollout(int id, string problem, int length, double reward) =>
        Episodes.Make(id, [1, .. Enumerable.Repeat(2, length)], prompt: 1) with { Problem = new Problem(problem, "", ""), Reward = reward };
}
