using System.Globalization;

namespace Reft.Python.CPython;

/// <summary>
/// Tries in each new worker whether its isolation holds, by a program that attempts what programs must not.
/// </summary>
internal static class IsolationProbe
{
    private const string Cure = "To allow it: as root, 'sysctl -w kernel.unprivileged_userns_clone=1' on older Debian, "
        + "'sysctl -w kernel.apparmor_restrict_unprivileged_userns=0' on Ubuntu 23.10 and later, "
        + "'sysctl -w user.max_user_namespaces=10000' where that is 0; in a container, allow user namespaces "
        + "(docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined --cap-add SYS_ADMIN). "
        + "Or use the engine managed, or accept the risk by --unsafe-programs";

    // Each attempt must raise. Nothing here harms a host on which it does not.
    private const string Attempts = """
        import os, socket, signal

        def fork_too_often():
            if os.getpid() != 1:
                raise RuntimeError("not apart, so not tried")
            for _ in range(PROCESSES):
                if os.fork() == 0:
                    while True:
                        signal.pause()

        def write_to(path):
            with open(path, "w") as file:
                file.write("x")

        def connect():
            with socket.socket() as link:
                link.settimeout(0.2)
                link.connect(("192.0.2.1", 9))

        def solution():
            failed = [] if os.getpid() == 1 else ["programs see other processes"]
            for name, attempt in (
                    ("sockets can be used", connect),
                    ("/etc/passwd can be read", lambda: open("/etc/passwd").close()),
                    ("/proc can be read", lambda: open("/proc/self/status").close()),
                    ("the root folder can be written", lambda: write_to("/reft-probe")),
                    ("Python's folder can be written", lambda: write_to(os.path.dirname(os.__file__) + "/reft-probe")),
                    ("privileges can be regained", lambda: os.chroot("/tmp")),
                    ("the number of processes is not limited", fork_too_often)):
                try:
                    attempt()
                    failed.append(name)
                except OSError:
                    pass
                except RuntimeError as error:
                    failed.append(str(error))
            try:
                write_to("probe")
            except OSError as error:
                failed.append("the scratch folder cannot be written: %s" % error)
            return "; ".join(failed)
        """;

    /// <summary>Throws unless every attempt is refused.</summary>
    public static void Check(PythonWorker worker, CPythonOptions options)
    {
        var count = options.MaxProcesses.ToString(CultureInfo.InvariantCulture);
        var limits = new ProgramLimits();
        var request = new PythonRequest(
            Attempts.Replace("PROCESSES", count, StringComparison.Ordinal), "solution", limits);
        var result = worker.TrySend(request)
            ? worker.Receive(request, CancellationToken.None)
            : PythonReply.Failure("the worker process died");
        if (result.Value is not { Text: "" })
        {
            throw new IsolationException("the self-test failed: " + (result.Value?.Text ?? result.Detail));
        }
    }

    /// <summary>The message to the user.</summary>
    public static string Refusal(string reason) => $"the engine cpython cannot isolate programs here: {reason}. {Cure}";
}
