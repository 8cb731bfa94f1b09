using Reft.Training.Runs;

namespace Reft.Tests.Training.Runs;

/// <summary>An interrupted run ends in the same bytes as an unbroken one.</summary>
public sealed class ResumeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Run_Twice_GivesTheSameBytes()
    {
        var first = Unbroken("a");
        var second = Unbroken("b");

        Assert.Contains(Path.Combine("checkpoints", "step-000008", "model.safetensors"), first.Keys);
        Assert.Contains(Path.Combine("checkpoints", "epoch-0001", "model.safetensors"), first.Keys);
        ToyRun.AssertSame(first, second);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(64)]
    public void Run_AnyNumberOfSlots_GivesTheSameBytes(int slots)
    {
        using var run = new ToyRun(_folder["slots"]) { Slots = slots };
        run.Run(TestContext.Current.CancellationToken);

        ToyRun.AssertSame(Unbroken("a"), run.Bytes());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(7)]
    [InlineData(ToyRun.Steps)] // The last evaluation is still to come.
    public void Run_StoppedAndResumed_GivesTheSameBytes(int stop)
    {
        using var asked = new CancellationTokenSource();
        using (var first = new ToyRun(_folder["b"]) { AfterStep = step => CancelAt(asked, step, stop) })
        {
            Assert.Equal(new RunOutcome(RunEnd.Stopped, stop, null), first.Run(asked.Token) with { Best = null });
        }

        using var second = new ToyRun(_folder["b"]);
        Assert.Equal(RunEnd.Finished, second.Run(TestContext.Current.CancellationToken).End);

        Assert.Contains(second.Notes, note => note.StartsWith("goes on from", StringComparison.Ordinal));
        ToyRun.AssertSame(Unbroken("a"), second.Bytes());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(6)]
    public void Run_CrashedBetweenCheckpoints_GivesTheSameBytes(int crash)
    {
        using (var first = new ToyRun(_folder["b"]) { AfterStep = step => ThrowAt(step, crash) })
        {
            Assert.Throws<CrashException>(() => first.Run(TestContext.Current.CancellationToken));
        }

        using var second = new ToyRun(_folder["b"]);
        second.Run(TestContext.Current.CancellationToken);

        ToyRun.AssertSame(Unbroken("a"), second.Bytes());
    }

    [Fact]
    public void Run_EveryMetric_IsOfTheStepsDone()
    {
        Unbroken("a");

        var steps = File.ReadLines(new RunFolder(_folder["a"]).Metrics)
            .Select(line => System.Text.Json.JsonDocument.Parse(line).RootElement.GetProperty("step").GetInt32());
        Assert.Equal(Enumerable.Range(0, ToyRun.Steps), steps);
    }

    [Fact]
    public void Run_FromAnotherOrigin_Refuses()
    {
        Unbroken("a");

        using var other = new ToyRun(_folder["a"]) { Origin = "other" };
        var error = Assert.Throws<InputException>(() => other.Run(TestContext.Current.CancellationToken));
        Assert.Contains("another model, problems or settings", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_ClockJumpsBack_GivesTheSameBytes()
    {
        using var run = new ToyRun(_folder["b"]) { Clock = new BackwardClock() };
        run.Run(TestContext.Current.CancellationToken);

        ToyRun.AssertSame(Unbroken("a"), run.Bytes());
    }

    public void Dispose() => _folder.Dispose();

    private SortedDictionary<string, string> Unbroken(string name)
    {
        using var run = new ToyRun(_folder[name]);
        Assert.Equal(RunEnd.Finished, run.Run(TestContext.Current.CancellationToken).End);
        return run.Bytes();
    }

    private static void CancelAt(CancellationTokenSource source, long step, int at)
    {
        if (step == at)
        {
            source.Cancel();
        }
    }

    private static void ThrowAt(long step, int at)
    {
        if (step == at)
        {
            throw new CrashException();
        }
    }

    private sealed class CrashException : Exception;

    /// <summary>Every look at this clock is a day before the last.</summary>
    private sealed class BackwardClock : TimeProvider
    {
        private int _looks;

        public override DateTimeOffset GetUtcNow() => new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddDays(-_looks++);
    }
}
