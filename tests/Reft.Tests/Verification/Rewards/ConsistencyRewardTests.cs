using Reft.Answers;
using Reft.Problems;
using Reft.Verification;
using Reft.Verification.Rewards;

namespace Reft.Tests.Verification.Rewards;

public sealed class ConsistencyRewardTests
{
    [Theory]
    [InlineData("3 + 8 = 11\n11 + 5 = 16\n<answer>16</answer>", "16", true)]
    [InlineData("3 + 8 = 11\n11 + 5 = 19\n<answer>16</answer>", "16", false)]
    [InlineData("11 + 5 = 16, I think of 3.\n<answer>16</answer>", "16", false)] // Stated before, but not last.
    [InlineData("<think>It is 1,600.0</think><answer>1600</answer>", "1600", true)]
    [InlineData("<think>It is -4.</think><answer>-4</answer>", "-4", true)]
    [InlineData("<think>It is 4.</think><answer>-4</answer>", "-4", false)]
    [InlineData("So 7.\nTherefore, the answer is: 7", "7", true)]
    [InlineData("So 8.\nTherefore, the answer is: 7", "7", false)]
    [InlineData("<answer>16</answer>", "16", false)] // It has not thought.
    [InlineData("hm <answer>16</answer>", "16", false)]
    [InlineData("16", "16", false)]
    [InlineData("It must be (B).\n<answer>b</answer>", "B", true)]
    [InlineData("It must be (C).\n<answer>B</answer>", "B", false)]
    [InlineData("6\n<answer>9</answer> 7\n<answer>7</answer>", "7", true)] // The last block is the answer.
    [InlineData("So 7.\n<answer>7</answer>", null, false)]
    public void Agrees_ThinkingAndAnswer_ComparesTheValueStatedLast(string response, string? answer, bool expected) =>
        Assert.Equal(expected, ConsistencyReward.Agrees(response, answer));

    [Theory]
    [InlineData(true, "So 7.\n<answer>7</answer>", 2)]
    [InlineData(true, "So 8.\n<answer>7</answer>", 0.5)]
    [InlineData(false, "So 7.\n<answer>7</answer>", -1)]
    [InlineData(false, "So 8.\n<answer>7</answer>", -1)]
    public void Pay_EveryBranch_PaysItsWorth(bool isRight, string response, double expected) => Assert.Equal(
        expected,
        new ConsistencyReward { Agreeing = 2, Disagreeing = 0.5, Wrong = -1 }.Pay(new JudgedSample(
            new Problem("p", "", "7"), response, new Verdict("s", isRight ? Outcome.Correct : Outcome.Incorrect, "7", ""), AnswerStyle.Number, IsTruncated: false)));

    [Theory]
    [InlineData(1, 1, 0, 0)]
    [InlineData(1, 0, 0, 0)]
    [InlineData(1, 2, 0, 1)]
    [InlineData(1, 0, 0.5, 1)]
    [InlineData(0, 0, 0, 1)]
    public void Validate_WorthsOutOfOrder_AreErrors(double agreeing, double disagreeing, double wrong, int errors) => Assert.Equal(
        errors, new ConsistencyReward { Agreeing = agreeing, Disagreeing = disagreeing, Wrong = wrong }.Validate("reward").Count());
}
