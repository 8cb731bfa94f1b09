using System.Diagnostics;
using Reft.Python;

namespace Reft.Tests.Python;

/// <summary>
/// Programs that try to get out, to stay, or to take too much. Each runs under the engine's limits on processes and
/// memory, and does what would harm a host only where it sees that it is process 1.
/// </summary>
[Collection(nameof(CPythonFixture))]
public sealed class CPythonAttackTests(CPythonFixture fixture)
{
    private const double Deadline = 0.5;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("a loop", "while True:\n        pass")]
    [InlineData("a fork bomb", "while True:\n        try:\n            os.fork()\n        except OSError:\n            pass")]
    [InlineData("a thread bomb", "while True:\n        try:\n            threading.Thread(target=time.sleep, args=(60,)).start()\n        except (RuntimeError, MemoryError):\n            pass")]
    [InlineData("signals ignored", "for number in range(1, 65):\n        try:\n            signal.signal(number, signal.SIG_IGN)\n        except (OSError, ValueError):\n            pass\n    while True:\n        pass")]
    [InlineData("exceptions ignored", "while True:\n        try:\n            time.sleep(60)\n        except BaseException:\n            pass")]
    [InlineData("a regular expression", "return re.match('(a+)+$', 'a' * 40 + 'b')")]
    [InlineData("a big power", "return 10 ** 10 ** 10 % 7")]
    [InlineData("streams closed", "os.closerange(0, 3)\n    while True:\n        time.sleep(1)")]
    [InlineData("memory held", "held = []\n    while True:\n        try:\n            held.append(bytearray(1 << 20))\n        except MemoryError:\n            time.sleep(0.01)")]
    [InlineData("a waiting daemon", "if os.fork() == 0:\n        os.setsid()\n        os.fork()\n    while True:\n        time.sleep(1)")]
    public void Run_Endless_EndsAtTheDeadlineAndIsGone(string attack, string body)
    {
        Assert.NotEmpty(attack);
        var engine = fixture.Engine;

        var elapsed = TimeSpan.MaxValue;
        // The machine may be busy with something else, so one of three attempts has to be in time.
        for (var attempt = 0; attempt < 3 && elapsed > TimeSpan.FromSeconds(Deadline + 0.5); attempt++)
        {
            var started = Stopwatch.GetTimestamp();
            var result = engine.Run(Solution(body), CPythonFixture.Within(Deadline), cancellation: Token);
            elapsed = Stopwatch.GetElapsedTime(started);
            Assert.Equal(ProgramOutcome.Timeout, result.Outcome);
        }

        Assert.InRange(elapsed.TotalSeconds, Deadline, Deadline + 0.5);
        AssertNothingRuns();
    }

    [Theory]
    [InlineData("held = []\n    while True:\n        held.append(bytearray(1 << 20))", "MemoryError")]
    [InlineData("return len('x' * (1 << 40))", "MemoryError")]
    [InlineData("return os.memfd_create('x')", "PermissionError: [Errno 1] Operation not permitted")]
    [InlineData("socket.socket()", "PermissionError: [Errno 1] Operation not permitted")]
    [InlineData("socket.create_connection(('127.0.0.1', 22), 1)", "PermissionError: [Errno 1] Operation not permitted")]
    [InlineData("return open('/etc/passwd').read()", "FileNotFoundError: [Errno 2] No such file or directory: '/etc/passwd'")]
    [InlineData("return open('/proc/self/environ').read()", "FileNotFoundError: [Errno 2] No such file or directory: '/proc/self/environ'")]
    [InlineData("open('/x', 'w')", "OSError: [Errno 30] Read-only file system: '/x'")]
    [InlineData("open('/usr/lib/x', 'w')", "OSError: [Errno 30] Read-only file system: '/usr/lib/x'")]
    [InlineData("with open('x', 'wb') as file:\n        file.write(bytes(1 << 20))", "OSError: [Errno 27] File too large")]
    [InlineData("for i in range(9):\n        with open(str(i), 'wb') as file:\n            file.write(bytes(1 << 18))", "OSError: [Errno 28] No space left on device")]
    [InlineData("held = [open(str(i), 'w') for i in range(100)]", "OSError: [Errno 24] Too many open files: '60'")]
    [InlineData("os.setuid(0) if os.getuid() else os.chroot('.')", "PermissionError: [Errno 1] Operation not permitted")]
    [InlineData("os.execv('/bin/sh', ['sh'])", "FileNotFoundError: [Errno 2] No such file or directory")]
    [InlineData("resource.setrlimit(resource.RLIMIT_NPROC, (999, 999))", "ValueError: not allowed to raise maximum limit")]
    [InlineData("ctypes.string_at(0)", "the process was ended by signal 11 (SIGSEGV)")]
    [InlineData("os._exit(3)", "the process ended without a result (exit code 3)")]
    [InlineData("os.write(3, b'junk' * 9)\n    time.sleep(9)", "the program wrote something else where its result belongs")]
    [InlineData("os.write(3, bytes([2, 0, 0, 0]) + b'[]')\n    time.sleep(9)", "the program wrote something else where its result belongs")]
    [InlineData("while True:\n        print('x' * 100)", "output budget of 65536 characters exceeded")]
    [InlineData("return 'x' * (2 << 20)", "the value is too large to report")]
    [InlineData("return solution()", "RecursionError: maximum recursion depth exceeded")]
    [InlineData("sys.exit(7)", "SystemExit: 7")]
    public void Run_Forbidden_IsAnErrorThatSaysWhy(string body, string detail)
    {
        var result = fixture.Engine.Run(Solution(body), CPythonFixture.Within(5), cancellation: Token);

        Assert.Equal((ProgramOutcome.Error, detail), (result.Outcome, result.Detail));
        AssertNothingRuns();
    }

    [Fact]
    public void Run_KillingEveryoneItSees_HarmsOnlyItself()
    {
        var before = CPythonFixture.Processes(CPythonFixture.Options);

        var result = fixture.Engine.Run(
            Solution("""
                assert os.getpid() == 1 and os.getppid() == 0
                    for target in [os.getppid(), -1, *range(2, 40)]:
                        try:
                            os.kill(target, signal.SIGKILL)
                        except OSError:
                            pass
                    return "still here"
                """),
            CPythonFixture.Within(5),
            cancellation: Token);

        // Process 0 is its own group, in which it is immune as process 1.
        Assert.Equal("still here", result.Value?.Text);
        Assert.Equal(before.Order(), CPythonFixture.Processes(CPythonFixture.Options).Order());
    }

    [Fact]
    public void Run_Daemon_DiesWithItsProgram()
    {
        var result = fixture.Engine.Run(
            Solution("""
                if os.fork() == 0:
                        os.setsid()
                        if os.fork() == 0:
                            time.sleep(60)
                        os._exit(0)
                    return 5
                """),
            CPythonFixture.Within(5),
            cancellation: Token);

        Assert.Equal(5, result.Value?.ToFloat());
        AssertNothingRuns();
    }

    [Fact]
    public void Run_FilesOfTheUser_AreNeitherSeenNorWritten()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["secret"], "s");

        var result = fixture.Engine.Run(
            Solution($"""
                open('mine', 'w').write('m')
                    os.mkdir('{folder.Path}')
                    open('{folder["written"]}', 'w').write('w')
                    return os.path.exists('{folder["secret"]}')
                """),
            CPythonFixture.Within(5),
            cancellation: Token);

        // The program made a folder of that name in its own scratch folder, which nobody else can see.
        Assert.Equal("False", result.Value?.Repr);
        Assert.Equal(["secret"], folder.Files);
        for (var worker = 0; worker < 4; worker++)
        {
            var next = fixture.Engine.Run(
                Solution("return os.listdir('.')"), CPythonFixture.Within(5), cancellation: Token);
            Assert.Equal("[]", next.Value?.Repr);
        }
    }

    private static string Solution(string body) => $"""
        import ctypes, os, re, resource, signal, socket, sys, threading, time

        def solution():
            {body}
        """;

    /// <summary>Each worker is an outer and an inner process; a program would be a third.</summary>
    private void AssertNothingRuns() => Assert.Equal(
        2 * fixture.Engine.IdleProcesses.Count, CPythonFixture.Processes(CPythonFixture.Options).Count);
}
