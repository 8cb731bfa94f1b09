using Reft.Answers;
using Reft.Verification;
using Reft.Verification.Rewards;

namespace Reft.Tests.Verification.Rewards;

public sealed class RewardRuleTests
{
    [Theory]
    [InlineData(Outcome.Correct, 1)]
    [InlineData(Outcome.Incorrect, 0.1)]
    [InlineData(Outcome.NoAnswer, 0)]
    [InlineData(Outcome.Timeout, 0)]
    [InlineData(Outcome.Error, 0)]
    public void Reward_Numbers_IsThePapers(Outcome outcome, double expected) =>
        Assert.Equal(expected, new RewardRule().Reward(Verdict(outcome, "7"), AnswerStyle.Number, "7"));

    [Theory]
    [InlineData(ChoiceReward.PaperText, Outcome.Incorrect, "b", 0)]
    [InlineData(ChoiceReward.PaperText, Outcome.Error, null, 0)]
    [InlineData(ChoiceReward.PaperCode, Outcome.Incorrect, "b", 0.1)]
    [InlineData(ChoiceReward.PaperCode, Outcome.Incorrect, "nonsense", 0.1)]
    [InlineData(ChoiceReward.PaperCode, Outcome.NoAnswer, null, 0.1)]
    [InlineData(ChoiceReward.PaperCode, Outcome.Timeout, null, 0.1)]
    [InlineData(ChoiceReward.PaperCode, Outcome.Error, null, 0.1)]
    [InlineData(ChoiceReward.SingleLetter, Outcome.Incorrect, "b", 0.1)]
    [InlineData(ChoiceReward.SingleLetter, Outcome.Incorrect, "nonsense", 0)]
    [InlineData(ChoiceReward.SingleLetter, Outcome.NoAnswer, null, 0)]
    [InlineData(ChoiceReward.PaperCode, Outcome.Correct, "c", 1)]
    public void Reward_Choices_FollowsTheOption(ChoiceReward choice, Outcome outcome, string? answer,
        double expected) =>
        Assert.Equal(expected, new RewardRule { Choice = choice }.Reward(Verdict(outcome, answer), AnswerStyle.Choice, "c"));

    // MathQA's programs: the paper's text pays wrong letters nothing, its program 0.1 for whatever is not right.
    [Theory]
    [InlineData(ChoiceReward.PaperText, Outcome.Incorrect, "b", "c", 0)]
    [InlineData(ChoiceReward.PaperText, Outcome.Error, null, "c", 0)]
    [InlineData(ChoiceReward.PaperCode, Outcome.Incorrect, "none", " C ", 0.1)]
    [InlineData(ChoiceReward.PaperCode, Outcome.Error, null, "c", 0.1)]
    [InlineData(ChoiceReward.PaperCode, Outcome.Correct, "c", "c", 1)]
    [InlineData(ChoiceReward.SingleLetter, Outcome.Incorrect, "870.0", "e", 0)]
    [InlineData(ChoiceReward.SingleLetter, Outcome.Incorrect, "b", "e", 0.1)]
    [InlineData(ChoiceReward.PaperText, Outcome.Incorrect, "7", "8", 0.1)] // A number is known: not multiple choice.
    [InlineData(ChoiceReward.PaperCode, Outcome.Error, null, "8", 0)]
    [InlineData(ChoiceReward.PaperCode, Outcome.Error, null, "x", 0)]
    public void Reward_Programs_FollowsTheOptionWhereALetterIsKnown(
        ChoiceReward choice, Outcome outcome, string? answer, string known, double expected) =>
        Assert.Equal(expected, new RewardRule { Choice = choice }.Reward(Verdict(outcome, answer), AnswerStyle.Program, known));

    [Fact]
    public void Reward_WithoutPartial_PaysNothingForWrong() =>
        Assert.Equal(0, RewardRule.WithoutPartial.Reward(Verdict(Outcome.Incorrect, "7"), AnswerStyle.Number, "7"));

    [Fact]
    public void Reward_EveryValue_IsRead()
    {
        var rule = new RewardRule { Correct = 5, Partial = 4, NoAnswer = 3, Timeout = 2, Error = 1 };

        Assert.Equal(
            [5, 4, 3, 2, 1],
            Enum.GetValues<Outcome>().Select(outcome => rule.Reward(Verdict(outcome, "7"), AnswerStyle.Number, "7")));
    }

    [Fact]
    public void Validate_PartialAboveCorrect_IsAnError()
    {
        Assert.Empty(new RewardRule().Validate("reward"));
        Assert.Single(new RewardRule { Partial = 2 }.Validate("reward"));
        Assert.Throws<OptionException>(() => new RewardRule { Error = double.NaN });
    }

    private static Verdict Verdict(Outcome outcome, string? answer) => new("s", outcome, answer, "");
}
