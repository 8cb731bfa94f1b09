using System.Text.Json;
using Reft.Answers;
using Reft.Evaluation;

namespace Reft.Tests.Evaluation;

public sealed class TestLedgerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string File => _folder["looks/test-looks.jsonl"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Record_SeveralSets_CountsEachBySet()
    {
        var clock = new FixedClock(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));

        Assert.Equal(1, new TestLedger(File, clock).Record(Result(0.25), "aaaa"));
        Assert.Equal(1, new TestLedger(File, clock).Record(Result(0.5), "bbbb"));
        Assert.Equal(2, new TestLedger(File, clock).Record(Result(0.75), "aaaa"));

        var lines = System.IO.File.ReadAllLines(File);
        Assert.Equal(3, lines.Length);
        using var json = JsonDocument.Parse(lines[2]);
        Assert.Equal(
            ["2026-01-02T03:04:05+00:00", "cafe", "aaaa", "test", "0.75"],
            json.RootElement.EnumerateObject().Select(p => p.Value.ToString()));
        var ledger = new TestLedger(File, clock);
        Assert.Equal((2, 1, 0, null), (
            ledger.CountOf("aaaa"), ledger.CountOf("bbbb"), ledger.CountOf("cccc"), ledger.Warning));
    }

    [Fact]
    public void Open_LineCutOff_IsToldAndKept()
    {
        new TestLedger(File, TimeProvider.System).Record(Result(0.25), "aaaa");
        System.IO.File.AppendAllText(File, "{\"at\":\"2026-01-0");

        var ledger = new TestLedger(File, TimeProvider.System);
        var second = ledger.Record(Result(0.5), "aaaa");

        Assert.Contains("line 2 cannot be read", ledger.Warning, StringComparison.Ordinal);
        Assert.Equal(2, second);
        var lines = System.IO.File.ReadAllLines(File);
        Assert.Equal((3, "{\"at\":\"2026-01-0"), (lines.Length, lines[1]));
        Assert.Equal(2, new TestLedger(File, TimeProvider.System).CountOf("aaaa"));
    }

    [Fact]
    public void Record_AnotherProcessLookedMeanwhile_CountsIt()
    {
        var ledger = new TestLedger(File, TimeProvider.System);
        new TestLedger(File, TimeProvider.System).Record(Result(0.5), "aaaa");

        Assert.Equal(2, ledger.Record(Result(0.5), "aaaa"));
    }

    [Fact]
    public void Open_Folder_IsRefused()
    {
        var error = Assert.Throws<InputException>(() => new TestLedger(_folder.Path, TimeProvider.System));

        Assert.Contains("cannot be used as the ledger", error.Message, StringComparison.Ordinal);
    }

    private static EvaluationResult Result(double accuracy) => new()
    {
        Step = null,
        Set = "test",
        Model = "cafe",
        Style = AnswerStyle.Number,
        Policy = AnswerPolicy.Exact,
        Greedy = Evaluations.Part([true, false]) with { Accuracy = new Estimate(accuracy, 0, 1, 4) },
        Sampled = null,
    };

    private sealed class FixedClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
