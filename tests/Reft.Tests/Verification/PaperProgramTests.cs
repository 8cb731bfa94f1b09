using Reft.Answers;
using Reft.Problems.Files;
using Reft.Python;
using Reft.Verification;
using Reft.Verification.Audits;

namespace Reft.Tests.Verification;

/// <summary>
/// Programs under the paper's policy: the official preparation, and Python's float() of what is returned.
/// </summary>
public sealed class PaperProgramTests
{
    private static readonly ProgramVerifier _paper = new(new ManagedEngine(), AnswerPolicy.Paper);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("7 // -2", "-4.0", Outcome.Correct, "-4.0")]
    [InlineData("True", "1", Outcome.Correct, "1.0")]
    [InlineData("None", "0", Outcome.NoAnswer, null)]
    [InlineData("'1,000'", "1000", Outcome.NoAnswer, null)]
    [InlineData("' 18 '", "18", Outcome.Correct, "18.0")]
    [InlineData("float('nan')", "5", Outcome.Incorrect, "nan")]
    [InlineData("18.005", "18", Outcome.Correct, "18.005")]
    [InlineData("'C'", "c", Outcome.Correct, "c")]
    [InlineData("None", "c", Outcome.Incorrect, "none")]
    public void Verify_ReturnedValue_HasTheOutcome(string expression, string gold, Outcome outcome, string? answer)
    {
        var verdict = _paper.Verify([new Sample("s", $"def solution():\n    return {expression}", gold)], Token)["s"];

        Assert.Equal((outcome, answer), (verdict.Outcome, verdict.Answer));
        Assert.NotEmpty(verdict.Detail);
    }

    [Theory]
    [InlineData("def solution():\n    x = 5\n\n    x = 6\n    return x", Outcome.NoAnswer)] // Cut at the blank line.
    [InlineData("def solution():\n    return 6\n\n\nSo it is 6.", Outcome.Correct)]
    [InlineData("def solution():\n    return 6\n\ndef solution2():\n    return 7", Outcome.Correct)]
    [InlineData("def solution():\n    return 6\n \t\x1f\nprint(", Outcome.Correct)] // Python strips a unit separator too.
    [InlineData("def solution():\n    return 7\n\ndef solution():\n    return 6", Outcome.Incorrect)]
    [InlineData("def helper():\n    return 6\n\ndef solution():\n    return helper()", Outcome.Error)]
    [InlineData("\n\n  def solution():\n    return 6\n", Outcome.Correct)] // The official program strips it first.
    [InlineData("def solution():\n    return 7\nAnswer reasoning:\ndef solution():\n    return 6", Outcome.Correct)]
    [InlineData("def solution():\n    return 6\nAnswer reasoning:\nSix.", Outcome.Error)]
    [InlineData("def solution():\n    sys.exit(1)\n    return 6", Outcome.Correct)]
    [InlineData("", Outcome.Error)]
    public void Verify_ProgramText_IsPreparedAsTheOfficialProgramDoes(string program, Outcome outcome) =>
        Assert.Equal(outcome, _paper.Verify([new Sample("s", program, "6")], Token)["s"].Outcome);

    [Fact]
    public void Verify_GivenHeaderAndSecondTrigger_JudgesWhatFollowsTheTrigger()
    {
        var sample = new Sample("s", "    return 6\nAnswer reasoning:\ndef solution():\n    return 7", "7")
        {
            Given = "def solution():\n    \"\"\"How many?\"\"\"\n",
        };

        Assert.Equal(Outcome.Correct, _paper.Verify([sample], Token)["s"].Outcome);
    }

    [Theory]
    [InlineData("svamp/svamp_python_sdp.json", 3043)]
    [InlineData("gsm8k/train.jsonl", 7001)]
    public void Audit_PublishedPrograms_Pass(string file, int programs)
    {
        var problems = new ProblemFile(
            SharedData.Require(Path.Combine("data", file)), new() { Gsm8kSolution = Gsm8kSolution.Program }).Load();

        var report = VerifierAudit.Run(_paper, problems, new AuditOptions { MaxProbed = 300 }, Token);

        Assert.Equal(programs, report.WithSolution);
        Assert.True(
            report.Passed,
            string.Join("\n", report.Checks.Where(check => !check.Passed)
                .Select(check => $"{check.Name}: {check.Rows[0]}")));
    }
}
