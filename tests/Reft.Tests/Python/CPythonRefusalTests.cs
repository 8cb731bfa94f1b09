using Reft.Python;

namespace Reft.Tests.Python;

/// <summary>What happens where programs cannot be isolated. Only harmless programs run here.</summary>
[Collection(nameof(CPythonFixture))]
public sealed class CPythonRefusalTests
{
    private static readonly CPythonOptions _open = CPythonFixture.Options with
    {
        NeverIsolate = true,
        MemoryBytes = CPythonFixture.Options.MemoryBytes + 2,
        Workers = 1,
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Constructor_NoIsolation_RefusesAndSaysTheWayOut()
    {
        NeedsPython();

        var error = Assert.Throws<InputException>(() => new CPythonEngine(_open));

        Assert.Contains("cannot isolate programs here: the options forbid it", error.Message, StringComparison.Ordinal);
        Assert.Contains("kernel.apparmor_restrict_unprivileged_userns", error.Message, StringComparison.Ordinal);
        Assert.Contains("--unsafe-programs", error.Message, StringComparison.Ordinal);
        Assert.Empty(CPythonFixture.Processes(_open));
    }

    [Fact]
    public void Run_UnsafeAllowed_WarnsAndStillLimits()
    {
        NeedsPython();
        using var engine = new CPythonEngine(_open with { AllowUnsafe = true });

        var value = engine.Run("def solution():\n    open('x', 'w').close()\n    return 6 * 7", new ProgramLimits(), cancellation: Token);
        var late = engine.Run("import time\ntime.sleep(60)", CPythonFixture.Within(0.3), null, Token);
        var folder = engine.Run("import os\ndef solution():\n    return os.listdir('.')", new ProgramLimits(), cancellation: Token);

        Assert.Contains("WITHOUT isolation", engine.Warning, StringComparison.Ordinal);
        Assert.Equal(42, value.Value?.ToFloat());
        Assert.Equal(ProgramOutcome.Timeout, late.Outcome);
        Assert.Equal("[]", folder.Value?.Repr);
        Assert.Single(CPythonFixture.Processes(_open));
    }

    [Theory]
    [InlineData("os.fork() or os._exit(0)")]
    [InlineData("os.kill(os.getpid(), 0)")]
    [InlineData("socket.socket()")]
    [InlineData("os.execv('/bin/true', ['true'])")]
    public void Run_UnsafeAllowed_ProcessesSignalsAndSocketsAreStillRefused(string attempt)
    {
        NeedsPython();
        Assert.SkipUnless(
            System.Runtime.InteropServices.RuntimeInformation.OSArchitecture
                is System.Runtime.InteropServices.Architecture.X64 or System.Runtime.InteropServices.Architecture.Arm64,
            "system calls are not filtered on this processor");
        using var engine = new CPythonEngine(_open with { AllowUnsafe = true });

        var result = engine.Run($"import os, socket\n{attempt}", new ProgramLimits(), null, Token);

        Assert.Equal("PermissionError: [Errno 1] Operation not permitted", result.Detail);
    }

    [Fact]
    public void Constructor_NoSuchPython_SaysSo()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the engine is for Linux");

        var error = Assert.Throws<InputException>(() => new CPythonEngine(new CPythonOptions { Python = "no-python-here" }));

        Assert.Contains("'no-python-here' cannot be started", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_Nonsense_ListsEveryError()
    {
        var options = new CPythonOptions
        {
            Python = " ",
            Workers = 0,
            MemoryBytes = 1,
            MaxProcesses = 0,
            ScratchBytes = 0,
            MaxFileBytes = 0,
        };

        Assert.Equal(
            ["Python", "Workers", "MemoryBytes", "MaxProcesses", "ScratchBytes", "MaxFileBytes"],
            options.Validate("o").Select(error => error.Split('.', ' ')[1]));
    }

    private static void NeedsPython()
    {
        try
        {
            Reft.Python.CPython.PythonHost.Find("python3");
        }
        catch (InputException error)
        {
            Assert.Skip(error.Message);
        }

        Assert.SkipUnless(OperatingSystem.IsLinux(), "the engine is for Linux");
    }
}
