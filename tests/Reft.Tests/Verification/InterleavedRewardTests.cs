using Reft.Answers;
using Reft.Problems;
using Reft.Verification;
using Reft.Verification.Forms;
using Reft.Verification.Rewards;

namespace Reft.Tests.Verification;

/// <summary>The reward of interleaved reasoning, branch by branch, against sums by hand.</summary>
public sealed class InterleavedRewardTests
{
    // Known: 4, then 9, and 13 at last.
    private static readonly Problem _problem = new("p", "", "13", Turns("4", "9", "13"));

    // Form 1, answer 2 or -1.5 or -2, and up to 0.5 for 4 and 9.
    [Theory]
    [InlineData(nameof(IntermediatePay.None), "4 9 13", 3)]
    [InlineData(nameof(IntermediatePay.All), "4 9 13", 3.5)]
    [InlineData(nameof(IntermediatePay.All), "4 5 9 13", 3.5)]
    [InlineData(nameof(IntermediatePay.All), "9 4 13", 3)]
    [InlineData(nameof(IntermediatePay.All), "4 13", 3)]
    [InlineData(nameof(IntermediatePay.Partial), "4 9 13", 3.5)]
    [InlineData(nameof(IntermediatePay.Partial), "9 4 13", 3.5)]
    [InlineData(nameof(IntermediatePay.Partial), "4 13", 3.25)]
    [InlineData(nameof(IntermediatePay.Partial), "4 4 13", 3.25)]
    [InlineData(nameof(IntermediatePay.Partial), "13", 3)]
    [InlineData(nameof(IntermediatePay.Partial), "49 13", 3)]
    [InlineData(nameof(IntermediatePay.TimeDiscounted), "5 9 4 13", 3.5)]
    [InlineData(nameof(IntermediatePay.TimeDiscounted), "4 13", 3.25)]
    [InlineData(nameof(IntermediatePay.TimeDiscounted), "5 4 13", 3.125)]
    [InlineData(nameof(IntermediatePay.TimeDiscounted), "5 5 9 13", 3 + (0.25 / 3))]
    [InlineData(nameof(IntermediatePay.TimeDiscounted), "4 4 13", 3.25)]
    [InlineData(nameof(IntermediatePay.TimeDiscounted), "4 9 12", -0.5)]
    public void Pay_Answers_IsTheSumOfItsParts(string pay, string answers, double expected) =>
        Assert.Equal(expected, Reward(Enum.Parse<IntermediatePay>(pay)).Pay(Sample(Turns(answers.Split(' ')))), 1e-12);

    [Theory]
    [InlineData(0.40, 0.44, 3.5)]
    [InlineData(0.40, 0.45, 3)]
    [InlineData(0.40, 0.46, 3)]
    [InlineData(0.0, 0.0, 3.5)]
    public void Pay_StepThatIsLessAccurate_ShutsTheGate(double accuracy, double before, double expected) =>
        Assert.Equal(expected, Reward(IntermediatePay.Partial).Pay(Sample(Turns("4", "9", "13")) with { Batch = new(accuracy, before) }), 1e-12);

    [Fact]
    public void Pay_WithoutAGate_EarnsBeforeAWrongAnswerToo()
    {
        var direct = Reward(IntermediatePay.Partial) with { Gated = false };

        Assert.Equal(1 - 1.5 + 0.5, direct.Pay(Sample(Turns("4", "9", "12"))), 1e-12);
        Assert.Equal(3.5, direct.Pay(Sample(Turns("4", "9", "13")) with { Batch = new(0, 1) }), 1e-12);
        Assert.False(direct.ReadsBatch);
        Assert.True(Reward(IntermediatePay.Partial).ReadsBatch);
    }

    [Theory]
    [InlineData("<think>1</think><answer>13", -1)]
    [InlineData("13", -1)]
    [InlineData("<think>1</think><answer>no</answer>", -1)]
    public void Pay_OtherForms_LoseForTheFormAndUnreadOnes(string response, double expected) =>
        Assert.Equal(expected, Reward(IntermediatePay.Partial).Pay(Sample(response)), 1e-12);

    [Fact]
    public void Pay_CutOff_HasNoForm() => Assert.Equal(-1, Reward(IntermediatePay.None).Pay(Sample(Turns("13")) with { IsTruncated = true }));

    [Fact]
    public void Pay_EqualKnownAnswers_NeedOneEach()
    {
        var problem = new Problem("p", "", "7", Turns("5", "5", "7"));

        Assert.Equal(3.25, Reward(IntermediatePay.Partial).Pay(Sample(Turns("5", "7"), problem)), 1e-12);
        Assert.Equal(3.5, Reward(IntermediatePay.Partial).Pay(Sample(Turns("5", "5", "7"), problem)), 1e-12);
    }

    [Fact]
    public void Pay_ProblemWithoutKnownAnswers_EarnsNoneBefore() =>
        Assert.Equal(3, Reward(IntermediatePay.Partial).Pay(Sample(Turns("4", "13"), _problem with { Solution = null })), 1e-12);

    private static InterleavedReward Reward(IntermediatePay pay) => new() { Intermediate = pay };

    private static string Turns(params string[] answers) => string.Concat(answers.Select(answer => AnswerSegments.Write("so", answer)));

    private static JudgedSample Sample(string response, Problem? problem = null)
    {
        var asked = problem ?? _problem;
        var verdict = new InterleavedForm().Create(new NumberVerifier()).Verify([new Sample("p", response, asked.Answer)], TestContext.Current.CancellationToken)[0];
        return new JudgedSample(asked, response, verdict, AnswerStyle.Number, IsTruncated: false);
    }
}
