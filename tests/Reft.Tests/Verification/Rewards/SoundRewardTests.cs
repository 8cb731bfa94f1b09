using Reft.Answers;
using Reft.Problems;
using Reft.Verification;
using Reft.Verification.Rewards;

namespace Reft.Tests.Verification.Rewards;

public sealed class SoundRewardTests
{
    private static readonly Problem _problem = new("p", "How many are 4 and 5?", "9", "4 + 5 = 9");

    // Of n words there are n - 3 runs of four. "a b c d a b c d": a b c d, b c d a, c d a b, d a b c, a b c d: one of five was there before.
    [Theory]
    [InlineData("4 and 5 are 9", true, 1)]
    [InlineData("4 and 5 are 8", false, 0)]
    [InlineData("a b c d a b c d", true, 1)]
    [InlineData("so so so so so so so", true, -1)] // Three of four runs.
    [InlineData("so so so so so", true, 1)] // One of two.
    [InlineData("so so so so so so so", false, -1)]
    [InlineData("4 und 5 sind 9, также", true, -1)] // Five of twelve letters.
    [InlineData("the angle θ is 9 degrees", true, 1)] // One of sixteen.
    [InlineData("9 \uFFFD", true, -1)]
    [InlineData("9 \u0007", true, -1)]
    [InlineData("a\tb\r\nc", true, 1)]
    [InlineData("", false, 0)]
    public void Pay_Text_IsSoundOrNot(string text, bool isRight, double expected) => Assert.Equal(expected, new SoundReward().Pay(Sample(text, isRight)));

    [Fact]
    public void Pay_TextThatIsTooLong_IsNotSound()
    {
        var reward = new SoundReward { MostWords = 3, Unsound = -0.5 };

        Assert.Equal(1, reward.Pay(Sample("one two three", true)));
        Assert.Equal(-0.5, reward.Pay(Sample("one two three four", true)));
        Assert.Equal(-0.5, reward.Pay(Sample("one", true) with { IsTruncated = true }));
    }

    [Fact]
    public void Pay_ScriptOfTheQuestion_IsNotForeign()
    {
        var asked = Sample("девять", true) with { Problem = _problem with { Question = "Сколько?" } };

        Assert.Equal(1, new SoundReward().Pay(asked));
        Assert.Equal(-1, new SoundReward().Pay(asked with { Problem = _problem }));
        Assert.Equal(1, new SoundReward { MostForeign = 1 }.Pay(asked with { Problem = _problem }));
        Assert.Equal(1, new SoundReward { MostRepeated = 1 }.Pay(Sample("so so so so so so so", true)));
    }

    [Fact]
    public void Validate_WorthsOutOfOrder_AreNamed() => Assert.Equal(
        ["reward.wrong is 1, no less than correct, 1; being right must pay more", "reward.unsound is 2, more than wrong, 1; it is a penalty"],
        new SoundReward { Wrong = 1, Unsound = 2 }.Validate("reward"));

    private static JudgedSample Sample(string text, bool isRight) =>
        new(_problem, text, new Verdict("s", isRight ? Outcome.Correct : Outcome.Incorrect, "9", ""), AnswerStyle.Number, IsTruncated: false);
}
