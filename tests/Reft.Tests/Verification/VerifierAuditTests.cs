using Reft.Answers;
using Reft.Problems;
using Reft.Problems.Files;
using Reft.Problems.Generated;
using Reft.Verification;
using Reft.Verification.Audits;

namespace Reft.Tests.Verification;

public sealed class VerifierAuditTests
{
    private static readonly Problem[] _good =
    [
        new("a", "Ann has 3 bags of 4 pears. How many pears?", "12",
            "3 * 4 = 12 pears.\nTherefore, the answer is <12>.") { Row = 1 },
        new("b", "Ben had 9 cups and broke 2. How many are left?", "7", "9 - 2 = 7 cups.") { Row = 2 },
    ];

    [Theory]
    [InlineData("svamp/svamp_nl.json", AnswerPolicy.Exact)]
    [InlineData("svamp/svamp_nl.json", AnswerPolicy.Paper)]
    [InlineData("svamp/svamp_test_set.json", AnswerPolicy.Exact)]
    [InlineData("gsm8k/train.jsonl", AnswerPolicy.Exact)]
    [InlineData("gsm8k/train.jsonl", AnswerPolicy.Paper)]
    [InlineData("gsm8k/test.jsonl", AnswerPolicy.Exact)]
    [InlineData("gsm8k/gsm8k_test_set.json", AnswerPolicy.Paper)]
    [InlineData("mathqa/mathqa_test_set.json", AnswerPolicy.Exact)]
    [InlineData("mathqa/mathqa_test_set.json", AnswerPolicy.Paper)]
    [InlineData("mathqa/mathqa-numeric_test_set.json", AnswerPolicy.Exact)]
    public void Run_PublishedFile_Passes(string file, AnswerPolicy policy)
    {
        var problems = new ProblemFile(SharedData.Require(Path.Combine("data", file))).Load();

        AssertPassed(Audit(problems, new AuditOptions(), Verifiers.Create(Verifiers.Guess(problems), policy)));
    }

    [Theory]
    [InlineData(AnswerPolicy.Exact)]
    [InlineData(AnswerPolicy.Paper)]
    public void Run_Generator_Passes(AnswerPolicy policy)
    {
        var source = new GeneratedSource(new ProblemGenerator(), GeneratedSplit.Train, 500, AnswerStyle.Number);

        AssertPassed(Audit(source.Load(), new AuditOptions(), new NumberVerifier(policy)));
    }

    [Fact]
    public void Run_GoodProblems_PassesEveryCheck() => AssertPassed(Audit(_good));

    [Theory]
    [InlineData("It is $\\boxed{\\frac{1}{2}}$.", true)]
    [InlineData("It is $\\boxed{\\frac{1}{3}}$.", false)]
    [InlineData("Not $\\boxed{\\frac{1}{2}}$ but $\\boxed{3}$.", false)]
    public void Run_AnswerInTheSolutionsLastBox_IsStated(string solution, bool isStated) => Assert.Equal(
        isStated ? 0 : 1,
        Audit([new("a", "What is half of one?", "\\frac{1}{2}", solution) { Row = 1 }]).Checks
            .Single(check => check.Name == "solutions that do not end in their answer").Found);

    [Fact]
    public void Run_WrongGold_FailsAndNamesTheRow()
    {
        var check = Failed([_good[0] with { Answer = "13" }, _good[1]], "solutions that conclude another answer");

        var row = Assert.Single(check.Rows);
        Assert.Equal((1, "a", "13", "the solution concludes 12"), (row.Row, row.Id, row.Answer, row.Detail));
    }

    [Fact]
    public void Run_AnswerThatTheSolutionNeverStates_FailsAndNamesTheRow()
    {
        var check = Failed([_good[0], _good[1] with { Answer = "8" }], "solutions that do not end in their answer");

        Assert.Equal(2, Assert.Single(check.Rows).Row);
        AssertPassed(Audit([_good[0], _good[1] with { Answer = "8" }], new AuditOptions { UnstatedLimit = 0.5 }));
    }

    [Theory]
    [InlineData("seven or so")]
    [InlineData("7 feet 8 inches")]
    [InlineData("")]
    public void Run_UnreadableGold_FailsAndNamesTheRow(string answer) => Assert.Equal(
        2, Assert.Single(
            Failed([_good[0], _good[1] with { Answer = answer }], "known answers that cannot be read").Rows).Row);

    [Fact]
    public void Run_VerifierThatSaysCorrectToAll_FailsWrongAnswersAndTricks()
    {
        var report = Audit(_good, new AuditOptions(), new Constant(Outcome.Correct));

        Assert.False(report.Passed);
        Assert.Contains(report.Checks, check => check.Name == "wrong answers that are not Incorrect"
            && check.Share == 1);
        Assert.Contains(report.Checks, check => check.Name == "solved by the empty completion" && !check.Passed);
        Assert.Contains(report.Checks, check => check.Name == "solved by the prompt echoed back" && !check.Passed);
    }

    [Fact]
    public void Run_VerifierThatSaysNoAnswerToAll_FailsTheSolutions() => Assert.Contains(
        Audit(_good, new AuditOptions(), new Constant(Outcome.NoAnswer)).Checks,
        check => check.Name == "solutions that are not Correct" && check.Found == 2);

    [Fact]
    public void Run_AnswersThatAreZero_FailPastTheLimit()
    {
        Problem[] zeros = [new("z", "Zed ate 4 of 4 pears. How many are left?", "0", "4 - 4 = 0.") { Row = 1 }];

        Assert.Equal(1, Failed(zeros, "solved by 0").Found);
        AssertPassed(Audit(zeros, new AuditOptions { ZeroLimit = 1 }));
    }

    [Fact]
    public void Run_OneLetterAlways_FailsPastTheLimit()
    {
        Problem[] choices = [new("c", "Which?\na ) 1 , b ) 2", "b") { Row = 1 }];

        Assert.Contains(
            Audit(choices, new AuditOptions(), new ChoiceVerifier()).Checks, check =>
                check.Name == "solved by always 'b'" && !check.Passed);
        AssertPassed(Audit(choices, new AuditOptions { LetterLimit = 1 }, new ChoiceVerifier()));
    }

    [Fact]
    public void Run_Repeats_AreListedWithTheirConflict()
    {
        var report = Audit(
            [.. _good, _good[0] with { Id = "c", Row = 3, Question = "ann HAS 3 bags of 4 pears; how many pears" }]);

        Assert.Equal("as in row 1",
            Assert.Single(report.Checks.Single(check => check.Name == "questions asked twice").Rows).Detail[..11]);
    }

    [Fact]
    public void Run_Options_BoundTheWorkAndTheList()
    {
        var problems = Enumerable.Range(1, 50).Select(i => new Problem($"{i}", $"Q {i}?", "lots") { Row = i }).ToList();

        var listed = Audit(problems, new AuditOptions { MaxListed = 3 }).Checks[0];
        var probed =
            Audit([.. _good], new AuditOptions { MaxProbed = 1 }).Checks.Single(check => check.Name == "solved by 0");

        Assert.Equal((50, 3), (listed.Found, listed.Rows.Count));
        Assert.Equal(1, probed.Checked);
    }

    [Fact]
    public void Run_WrongOptions_NamesThem() => Assert.Contains(
        "audit.maxListed is 0",
        Assert.Throws<InputException>(() => Audit(_good, new AuditOptions { MaxListed = 0 })).Message,
        StringComparison.Ordinal);

    private static AuditReport Audit(IReadOnlyList<Problem> problems, AuditOptions? options =
        null, IVerifier? verifier = null) =>
        VerifierAudit.Run(verifier ?? new NumberVerifier(), problems, options, TestContext.Current.CancellationToken);

    private static AuditCheck Failed(IReadOnlyList<Problem> problems, string name)
    {
        var report = Audit(problems);
        Assert.False(report.Passed);
        return Assert.Single(report.Checks, check => !check.Passed && check.Name == name);
    }

    private static void AssertPassed(AuditReport report) => Assert.True(
        report.Passed,
        string.Join("\n", report.Checks.Where(check => !check.Passed)
            .Select(check => $"{check.Name}: {check.Found}; {check.Rows[0]}")));

    private sealed class Constant(Outcome outcome) : IVerifier
    {
        public AnswerStyle Style => AnswerStyle.Number;

        public Verdicts Verify(IReadOnlyList<Sample> samples, CancellationToken cancellation = default) =>
            Verdicts.Judge(samples, _ => new Finding(outcome, "1", ""), cancellation: cancellation);

        public string? WhyUnreadable(string answer) => null;
    }
}
