using System.Diagnostics;
using Reft.Python;

namespace Reft.Tests.Python;

[Collection(nameof(CPythonFixture))]
public sealed class CPythonPoolTests(CPythonFixture fixture)
{
    private static readonly CPythonOptions _own = CPythonFixture.Options with
    {
        MemoryBytes = CPythonFixture.Options.MemoryBytes + 1,
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Run_ManyThreads_EachGetsItsOwnResult()
    {
        var engine = fixture.Engine;
        var results = new double?[300];

        Parallel.For(0, results.Length, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
            results[i] = engine.Run(
                FormattableString.Invariant($"def solution():\n    return {i} * 3"), new ProgramLimits(), cancellation: Token)
                .Value?.ToFloat());

        Assert.Equal(Enumerable.Range(0, results.Length).Select(i => (double?)i * 3), results);
    }

    [Fact]
    public void Run_WorkerKilled_IsReplacedAndCounted()
    {
        Assert.NotNull(fixture.Engine);
        using var engine = new CPythonEngine(_own);
        using (var worker = Process.GetProcessById(engine.IdleProcesses.Single()))
        {
            worker.Kill();
            Assert.True(worker.WaitForExit(5000));
        }

        var result = engine.Run("def solution():\n    return 1", new ProgramLimits(), cancellation: Token);

        Assert.Equal((1, 1.0), (engine.Restarts, result.Value?.ToFloat()));
    }

    [Fact]
    public void Run_Cancelled_StopsTheProgram()
    {
        Assert.NotNull(fixture.Engine);
        using var engine = new CPythonEngine(_own);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        stop.CancelAfter(200);

        Assert.ThrowsAny<OperationCanceledException>(
            () => engine.Run("while True: pass", CPythonFixture.Within(30), null, stop.Token));

        AssertAllGone();
        Assert.Equal("None", engine.Run("", new ProgramLimits(), null, Token).Value?.Repr);
    }

    [Fact]
    public async Task Dispose_WhileAProgramRuns_LeavesNoProcess()
    {
        Assert.NotNull(fixture.Engine);
        var engine = new CPythonEngine(_own);
        var running = Task.Run(() => engine.Run("while True: pass", CPythonFixture.Within(30), null, Token), Token);
        await Task.Delay(200, Token);

        engine.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => running);
        Assert.Throws<ObjectDisposedException>(() => engine.Run("", new ProgramLimits(), null, Token));
        AssertAllGone();
    }

    /// <summary>The kernel needs a moment from the death of the outer process to that of the inner ones.</summary>
    private static void AssertAllGone() => Assert.True(
        SpinWait.SpinUntil(() => CPythonFixture.Processes(_own).Count == 0, TimeSpan.FromSeconds(5)));
}
