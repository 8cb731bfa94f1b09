using Reft.Reporting;

namespace Reft.Tests.Reporting;

public sealed class ReportSummaryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Of_TwoEvaluations_SaysWhatImproved()
    {
        WriteRun("finished", null);
        WriteEvaluation(0, 0.05, 0.45, "correct", "incorrect", "incorrect", "noAnswer", "error");
        WriteEvaluation(10, 0.55, 0.95, "incorrect", "correct", "correct", "correct", "correct");
        File.WriteAllText(_folder["test-looks.jsonl"], "{}\n{}\n");

        var summary = Summary();

        Assert.Equal(
            [
                "The sft run finished after 1 step.",
                "Strict accuracy on dev rose from 20.0% at step 0 (95% interval 5.0–45.0%) to 80.0% at step 10 (95% interval "
                    + "55.0–95.0%): +60.0 points. Of 5 problems, 4 became right and 1 became wrong; chance alone can be the "
                    + "reason (p = 0.375, McNemar's test).",
                "No alarm fired.",
                "The test set was looked at 2 times: each further look makes its figure less honest.",
            ],
            summary.Sentences);
        Assert.Equal((4, 1, 5), (summary.Dev!.Gained, summary.Dev.Lost, summary.Dev.Compared));
        Assert.Equal((4, 1, 0), (summary.Flips["gained"], summary.Flips["lost"], summary.Flips["wavered"]));
    }

    [Fact]
    public void Of_FailedRunThatWasBetterBefore_SaysBoth()
    {
        WriteRun("failed", "kl-collapse: too far");
        WriteEvaluation(0, 0.3, 0.7, "correct", "incorrect");
        WriteEvaluation(5, 0.7, 1, "correct", "correct");
        WriteEvaluation(9, 0.3, 0.7, "correct", "incorrect");
        File.WriteAllLines(
            _folder["alarms.jsonl"],
            [
                """{"step":7,"id":"entropy-collapse","figure":0.0001,"limit":0.001,"stops":false,"meaning":"m","remedy":"r"}""",
                """{"step":9,"id":"kl-collapse","figure":200,"limit":100,"stops":true,"meaning":"m","remedy":"r"}""",
            ]);

        var sentences = Summary().Sentences;

        Assert.Equal("The sft run failed after 1 step: kl-collapse: too far.", sentences[0]);
        Assert.EndsWith(": 0.0 points. None of the 2 problems changed.", sentences[1], StringComparison.Ordinal);
        Assert.Equal("The best dev accuracy is 100.0%, at step 5.", sentences[2]);
        Assert.Equal("Alarms fired: kl-collapse (once, step 9); entropy-collapse (once, step 7).", sentences[3]);
        Assert.Equal("Nobody has looked at the test set.", sentences[4]);
    }

    [Fact]
    public void Of_Curves_TakesTheEndsOfTheRun()
    {
        WriteRun("running", null);
        File.WriteAllLines(_folder["metrics.jsonl"], Enumerable.Range(0, 30).Select(step =>
            $$"""{"step":{{step}},"verdict/correct_share":{{(step < 3 ? "0.1" : step < 27 ? "0.5" : step == 28 ? "null" : "0.9")}}}"""));

        var summary = Summary();

        Assert.Equal(0.1, summary.Trends["verdict/correct_share"].First, 1e-12);
        Assert.Equal(0.9, summary.Trends["verdict/correct_share"].Last, 1e-12);
        Assert.Contains(
            "In training, 10.0% of the rollouts were correct in the first tenth of the steps and 90.0% in the last.",
            summary.Sentences);
    }

    private ReportSummary Summary() => ReportSummary.Of(RunReader.Read(_folder.Path, new ReportLimits()));

    private void WriteRun(string state, string? why)
    {
        File.WriteAllText(_folder["run.json"], """{"format":1,"method":"sft"}""");
        File.WriteAllText(_folder["status.json"], RunFixture.Json(new { state, step = 1, of = 1, reason = why ?? "" }));
        File.WriteAllText(_folder["metrics.jsonl"], """{"step":0}""" + "\n");
    }

    private void WriteEvaluation(int step, double low, double high, params string[] outcomes) => EvaluationFixture.Write(
        _folder.Path, step, [.. outcomes.Select((outcome, i) => new EvaluationFixtureItem($"p{i}", "c", outcome))], low, high);
}
