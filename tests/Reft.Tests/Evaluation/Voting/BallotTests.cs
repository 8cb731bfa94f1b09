using Reft.Answers;
using Reft.Evaluation.Voting;
using Reft.Verification;

namespace Reft.Tests.Evaluation.Voting;

public sealed class BallotTests
{
    // The vector of the method's specification: [3, 4, 4, 3, none] is a tie, and 3 was seen first.
    [Theory]
    [InlineData("3.0 4.0 4.0 3.0 -", "3", true)]
    [InlineData("3.0 4.0 4.0 3.0 -", "4", false)]
    [InlineData("4 3 3", "3", true)]
    [InlineData("- - -", "3", false)]
    [InlineData("nan inf nan inf 3", "3", true)]
    [InlineData("nan nan inf", "3", false)]
    [InlineData("3.0 3.0000001 4 4 3", "3", true)]
    [InlineData("1000 1,000 7 7 1e3", "1000", true)]
    public void MajorityIsRight_ExactPolicy_VotesByValue(string answers, string gold, bool expected) =>
        Assert.Equal(expected, Majority(answers, gold, AnswerPolicy.Exact, AnswerStyle.Number));

    [Theory]
    [InlineData("2.005 2 7 7 2.01", "2", true)]
    [InlineData("nan nan nan 2", "2", true)]
    [InlineData("inf inf 2", "2", true)]
    [InlineData("2.02 2.02 2 7 7 7", "7", true)]
    public void MajorityIsRight_PaperPolicy_VotesWithinAHundredth(string answers, string gold, bool expected) =>
        Assert.Equal(expected, Majority(answers, gold, AnswerPolicy.Paper, AnswerStyle.Program));

    [Theory]
    [InlineData("c a a", "a", true)]
    [InlineData("c none none none", "c", true)]
    [InlineData("C c b", "c", true)]
    public void MajorityIsRight_Choice_VotesByLetter(string answers, string gold, bool expected) =>
        Assert.Equal(expected, Majority(answers, gold, AnswerPolicy.Exact, AnswerStyle.Choice));

    // The official program counts letters alone where letters are asked for; its programs return anything.
    [Theory]
    [InlineData("c none none none", "c", true)]
    [InlineData("870.0 870.0 3 3 c", "c", true)]
    [InlineData("C c b", "c", true)]
    [InlineData("b b 7.0 7.0 7.0 c", "c", false)]
    [InlineData("c c 7", "7", true)] // And numbers alone where a number is.
    public void MajorityIsRight_Programs_CountWhatIsAskedFor(string answers, string gold, bool expected) =>
        Assert.Equal(expected, Majority(answers, gold, AnswerPolicy.Paper, AnswerStyle.Program));

    [Fact]
    public void Of_ChainOfNearValues_IsLedByTheCommonest()
    {
        // 2.00 is near 2.009, which is near 2.018, which is not near 2.00: the commonest value leads whom it reaches.
        var ballot = Of("2.00 2.009 2.018 2.009", "2", AnswerPolicy.Paper, AnswerStyle.Number);
        var other = Of("2.00 2.009 2.018 2.00", "2", AnswerPolicy.Paper, AnswerStyle.Number);

        Assert.Equal([0, 0, 0, 0], ballot.Candidates);
        Assert.Equal([0, 0, 1, 0], other.Candidates);
    }

    [Fact]
    public void Of_VerdictsAndVotes_AreCountedApart()
    {
        var ballot = Of("3 4 - 3", "3", AnswerPolicy.Exact, AnswerStyle.Number);

        Assert.Equal((4, 2), (ballot.Samples, ballot.Correct));
        Assert.Equal([0, 1, -1, 0], ballot.Candidates);
    }

    private static bool Majority(string answers, string gold, AnswerPolicy policy, AnswerStyle style)
    {
        var ballot = Of(answers, gold, policy, style);
        return ballot.MajorityIsRight([.. Enumerable.Range(0, ballot.Samples)]);
    }

    private static Ballot Of(string answers, string gold, AnswerPolicy policy, AnswerStyle style) => Ballot.Of(
        [.. answers.Split(' ').Select((answer, i) => new Verdict(
            $"{i}", IsRight(answer, gold, policy == AnswerPolicy.Paper ? 0.01 : 1e-6) ? Outcome.Correct : Outcome.Incorrect, answer == "-" ? null : answer, "said so"))],
        gold, style, policy);

    private static bool IsRight(string answer, string gold, double apart) =>
        string.Equals(answer, gold, StringComparison.OrdinalIgnoreCase)
        || (double.TryParse(answer.Replace(",", "", StringComparison.Ordinal), System.Globalization.CultureInfo.InvariantCulture, out var a)
            && double.TryParse(gold, System.Globalization.CultureInfo.InvariantCulture, out var b) && Math.Abs(a - b) <= apart);
}
