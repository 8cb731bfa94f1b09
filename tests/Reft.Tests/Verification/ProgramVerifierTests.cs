using Reft.Answers;
using Reft.Problems;
using Reft.Problems.Files;
using Reft.Problems.Generated;
using Reft.Python;
using Reft.Verification;
using Reft.Verification.Audits;

namespace Reft.Tests.Verification;

public sealed class ProgramVerifierTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("7 // -2", "-4.0", Outcome.Correct, "-4")]
    [InlineData("True", "1", Outcome.NoAnswer, null)]
    [InlineData("None", "0", Outcome.NoAnswer, null)]
    [InlineData("[5]", "5", Outcome.Correct, "5")]
    [InlineData("[5, 5]", "5", Outcome.NoAnswer, null)]
    [InlineData("[[]]", "5", Outcome.NoAnswer, null)]
    [InlineData("'1,000'", "1000", Outcome.Correct, "1000")]
    [InlineData("float('nan')", "5", Outcome.NoAnswer, null)]
    [InlineData("0.1 + 0.2", "0.3", Outcome.Correct, "0.30000000000000004")]
    [InlineData("10 / 3", "3.33", Outcome.Correct, "3.3333333333333335")]
    [InlineData("192000000.02", "192000000", Outcome.Incorrect, "192000000.02")]
    [InlineData("10 ** 30 + 1", "1000000000000000000000000000000", Outcome.Incorrect, "1000000000000000000000000000001")]
    [InlineData("1 / 0", "5", Outcome.Error, null)]
    [InlineData("1 +", "5", Outcome.Error, null)]
    [InlineData("5", "lots", Outcome.Error, null)]
    [InlineData("'C'", "c", Outcome.Correct, "c")]
    [InlineData("'d'", "c", Outcome.Incorrect, "d")]
    [InlineData("7", "c", Outcome.NoAnswer, null)]
    public void Verify_ReturnedValue_HasTheOutcome(
        string expression, string gold, Outcome outcome, string? answer)
    {
        var verdict = Verify($"def solution():\n    return {expression}", gold);

        Assert.Equal((outcome, answer), (verdict.Outcome, verdict.Answer));
        Assert.NotEmpty(verdict.Detail);
    }

    [Theory]
    [InlineData("def solution():\n    x = 5\n\n    x = 6\n    return x", Outcome.Correct)]
    [InlineData("def solution():\n    return 6\n\n\nSo it is 6.", Outcome.Correct)]
    [InlineData("So it is 6.", Outcome.Error)] // No Python.
    [InlineData("```python\ndef solution():\n    return 6\n```\nDone.", Outcome.Correct)]
    [InlineData("", Outcome.Error)]
    [InlineData("x = 6", Outcome.Error)] // There is no solution().
    public void Verify_ProgramText_RunsWhole(string program, Outcome outcome) =>
        Assert.Equal(outcome, Verify(program, "6").Outcome);

    [Theory]
    [InlineData("from fractions import Fraction", "Fraction(1, 3)", "1/3")]
    [InlineData("from decimal import Decimal", "Decimal('18.50')", "18.5")]
    [InlineData("from sympy import Rational", "Rational(7, 2)", "3.5")]
    [InlineData("from sympy import Integer", "Integer(42)", "42")]
    public void Verify_ExactNumberTypes_AreReadExactly(string import, string expression, string answer)
    {
        var verdict = Verify($"{import}\ndef solution():\n    return {expression}", answer);

        Assert.Equal((Outcome.Correct, answer), (verdict.Outcome, verdict.Answer));
    }

    [Fact]
    public void Verify_EndlessLoop_IsATimeout()
    {
        var verifier = new ProgramVerifier(new ManagedEngine(), limits: new ProgramLimits { MaxSteps = 10_000 });

        var verdict =
            verifier.Verify([new Sample("s", "def solution():\n    while True:\n        pass", "1")], Token)["s"];

        Assert.Equal(Outcome.Timeout, verdict.Outcome);
    }

    [Fact]
    public void Verify_GivenHeader_ComesBeforeTheCompletion()
    {
        var sample = new Sample("s", "    return 2 * 21", "42") { Given = ProgramText.HeaderFor("How \"many\"") };

        Assert.True(new ProgramVerifier(new ManagedEngine()).Verify([sample], Token)["s"].IsCorrect);
    }

    [Fact]
    public void Create_WrongLimits_NamesThem() => Assert.Contains(
        "limits.MaxSteps is 0",
        Assert.Throws<InputException>(() =>
            new ProgramVerifier(new ManagedEngine(), limits: new ProgramLimits { MaxSteps = 0 })).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData("easy")]
    [InlineData("full")]
    [InlineData("decimals")]
    public void Verify_GeneratedPrograms_AreAllCorrectOnManyWorkers(string profile)
    {
        var options = profile == "easy"
            ? GeneratorOptions.Easy : GeneratorOptions.Full with { Decimals = profile == "decimals" };
        var samples = new ProblemGenerator(options).Generate(GeneratedSplit.Test, 1000)
            .Select(problem => new Sample(problem.Id, problem.Program, problem.Value.ToString())).ToList();

        var verdicts = new ProgramVerifier(new ManagedEngine(), workers: 2).Verify(samples, Token);

        Assert.Equal(1000, verdicts.CountOf(Outcome.Correct));
    }

    [Theory]
    [InlineData("svamp/svamp_python_sdp.json", 3043)]
    [InlineData("gsm8k/train.jsonl", 7001)]
    public void Audit_PublishedPrograms_Pass(string file, int programs)
    {
        var problems = new ProblemFile(
            SharedData.Require(Path.Combine("data", file)), new() { Gsm8kSolution = Gsm8kSolution.Program }).Load();

        var report = VerifierAudit.Run(
            new ProgramVerifier(new ManagedEngine()), problems, new AuditOptions { MaxProbed = 300 }, Token);

        Assert.Equal(programs, report.WithSolution);
        Assert.True(report.Passed, string.Join("\n", report.Checks.Where(check => !check.Passed)
            .Select(check => $"{check.Name}: {check.Rows[0]}")));
    }

    [Fact]
    public void Audit_WrongGold_FailsAndNamesTheRow()
    {
        Problem[] problems =
        [
            new("a", "How many are 2 and 2?", "4", "def solution():\n    return 2 + 2") { Row = 1 },
            new("b", "How many are 2 and 3?", "6", "def solution():\n    return 2 + 3") { Row = 2 },
        ];

        var report = VerifierAudit.Run(new ProgramVerifier(new ManagedEngine()), problems, cancellation: Token);

        var check =
            Assert.Single(report.Checks, check => !check.Passed && check.Name == "solutions that are not Correct");
        Assert.Equal((2, "Incorrect: 5, where 6 is right"), (Assert.Single(check.Rows).Row, check.Rows[0].Detail));
    }

    private static Verdict Verify(string program, string gold) =>
        new ProgramVerifier(new ManagedEngine()).Verify([new Sample("s", program, gold)], Token)["s"];

    [Fact]
    public async Task Verify_ProgramThatHangs_IsNamedByTheHeartbeat()
    {
        using var gate = new ManualResetEventSlim();
        var engine = new HangingEngine(gate);
        var heartbeat = new Heartbeat();
        var verifier = new ProgramVerifier(engine, workers: 2, heartbeat: heartbeat);
        // The last one hangs, so that nothing waits behind it.
        var samples = Enumerable.Range(0, 8).Select(i => new Sample(
            $"train_{i}#0", $"def solution():\n    return '{(i == 7 ? "hang" : "end")}'", "1")).ToArray();

        var verification = Task.Run(() => verifier.Verify(samples, Token), Token);
        while ((engine.Ended < samples.Length - 1 || heartbeat.Detail.Contains(',', StringComparison.Ordinal)) && !verification.IsCompleted)
        {
            await Task.Delay(1, Token);
        }

        Assert.Equal("train_7#0", heartbeat.Detail);
        var beats = heartbeat.Beats;
        gate.Set();
        await verification;
        Assert.Equal("", heartbeat.Detail);
        Assert.True(heartbeat.Beats > beats);
    }

    /// <summary>Ends at once, except where the program says that it hangs.</summary>
    private sealed class HangingEngine(ManualResetEventSlim gate) : IProgramEngine
    {
        private int _ended;

        public int Ended => Volatile.Read(ref _ended);

        public ProgramResult Run(
            string source, ProgramLimits limits, string? entry = "solution", CancellationToken cancellation = default)
        {
            if (source.Contains("hang", StringComparison.Ordinal))
            {
                gate.Wait(cancellation);
            }

            Interlocked.Increment(ref _ended);
            return new ProgramResult { Outcome = ProgramOutcome.Error, Detail = "an error" };
        }
    }
}
