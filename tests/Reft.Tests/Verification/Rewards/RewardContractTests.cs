using Reft.Answers;
using Reft.Methods;
using Reft.Problems;
using Reft.Verification;
using Reft.Verification.Rewards;

namespace Reft.Tests.Verification.Rewards;

/// <summary>What every reward in the catalog keeps, and what the reward of the form pays for.</summary>
public sealed class RewardContractTests
{
    private const string Words = "3 + 4 = 7.\nTherefore, the answer is: 7";
    private const string Program = "def solution():\n    \"\"\"Q\"\"\"\n    return 7";

    public static TheoryData<string> Rewards => [.. Catalog.Default.Rewards.Select(reward => reward.Name)];

    [Theory]
    [MemberData(nameof(Rewards))]
    public void Pay_AnySample_IsFiniteAndTheSameAgain(string name)
    {
        var reward = Catalog.Default.Rewards.Single(one => one.Name == name);
        string[] responses = ["", " ", "\n", Words, Program, "\uFFFD\0", new string('(', 100_000)];

        foreach (var style in Enum.GetValues<AnswerStyle>())
        {
            foreach (var (outcome, response) in Enum.GetValues<Outcome>().SelectMany(o => responses.Select(r => (o, r))))
            {
                var sample = Sample(response, style, outcome: outcome);
                Assert.True(double.IsFinite(reward.Pay(sample)));
                Assert.Equal(reward.Pay(sample), reward.Pay(sample));
            }
        }
    }

    [Theory]
    [InlineData(AnswerStyle.Number, Words, true)]
    [InlineData(AnswerStyle.Number, "Therefore, the answer is: 7", true)] // At the very start.
    [InlineData(AnswerStyle.Number, Words + "\n", true)]
    [InlineData(AnswerStyle.Choice, Words, true)]
    [InlineData(AnswerStyle.Number, "3 + 4 = 7.\nTherefore, the answer is: ", false)]
    [InlineData(AnswerStyle.Number, Words + "\nTherefore, the answer is: 8", false)] // Two answers are a hedge.
    [InlineData(AnswerStyle.Number, Words + "\nor so", false)]
    [InlineData(AnswerStyle.Number, "7", false)]
    [InlineData(AnswerStyle.Program, Program, true)]
    [InlineData(AnswerStyle.Program, " " + Program, true)] // SentencePiece's space.
    [InlineData(AnswerStyle.Program, "def solution():\n    pass", false)]
    [InlineData(AnswerStyle.Program, "return 7", false)]
    [InlineData(AnswerStyle.Program, Words, false)]
    public void Format_OfTheStyle_PaysWholeOrNothing(AnswerStyle style, string response, bool pays)
    {
        var reward = new FormatReward { Worth = 0.25 };

        Assert.Equal(pays ? 0.25 : 0, reward.Pay(Sample(response, style)));
        Assert.Equal(0, reward.Pay(Sample(response, style, isTruncated: true)));
    }

    [Theory]
    [InlineData("(?s)^<think>.*</think>\\s*\\S", "<think>a\nb</think> 7", true)]
    [InlineData("(?s)^<think>.*</think>\\s*\\S", "<think>a\nb</think>", false)]
    [InlineData("(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", false)] // Linear time, not 2^70.
    public void Format_OfAPattern_IsMatched(string pattern, string response, bool pays) => Assert.Equal(
        pays ? 0.1 : 0, new FormatReward { Pattern = pattern }.Pay(Sample(response, AnswerStyle.Number)));

    [Theory]
    [InlineData("(", "Pattern is '(': it must be a regular expression")]
    [InlineData("(?=a)", "Pattern is '(?=a)': it must be a regular expression without looking around or back")]
    public void Make_WrongPattern_IsRefused(string pattern, string expected) => Assert.StartsWith(
        expected, Assert.Throws<OptionException>(() => new FormatReward { Pattern = pattern }).Message, StringComparison.Ordinal);

    [Fact]
    public void Logged_VerdictAlone_HasNoParts()
    {
        var sample = Sample(Words, AnswerStyle.Number);

        Assert.Empty(Rewarding.Logged(Rewarding.Parts([new RewardRule()], sample)));
        Assert.Equal(
            [new RewardPart("verdict", 1), new RewardPart("format", 0.1)],
            Rewarding.Logged(Rewarding.Parts([new RewardRule(), new FormatReward()], sample)));
        Assert.Equal([new RewardPart("format", 0.1)], Rewarding.Logged(Rewarding.Parts([new FormatReward()], sample)));
    }

    private static JudgedSample Sample(
        string response, AnswerStyle style, bool isTruncated = false, Outcome outcome = Outcome.Correct) => new(
        new Problem("p", "Q", style == AnswerStyle.Choice ? "a" : "7"), response, new Verdict("p#0", outcome, "7", ""), style, isTruncated);
}
