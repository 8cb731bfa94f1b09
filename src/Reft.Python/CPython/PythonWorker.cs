using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Reft.Python.CPython;

/// <summary>
/// One worker process: a Python program that isolates itself, loads what programs use, and forks a child for each of
/// them. It ends when its standard input does. Not for two threads at a time.
/// </summary>
internal sealed class PythonWorker : IDisposable
{
    private const int MaxPart = 64 << 20;
    private const int Files = 64;
    private const string Loader = "import sys; n = int(sys.stdin.buffer.readline()); "
        + "exec(compile(sys.stdin.buffer.read(n), '<reft worker>', 'exec'))";

    private static readonly TimeSpan _startPatience = TimeSpan.FromSeconds(60);
    // The worker kills at the deadline; this is for the case that it cannot.
    private static readonly TimeSpan _backstop = TimeSpan.FromMilliseconds(400);
    private readonly Process _process;
    private readonly Stream _input;
    private readonly Stream _output;
    private readonly Queue<string> _errors = new();
    private bool _broken;

    private PythonWorker(Process process)
    {
        _process = process;
        _input = process.StandardInput.BaseStream;
        _output = process.StandardOutput.BaseStream;
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginErrorReadLine();
    }

    public int ProcessId => _process.Id;

    public bool IsAlive => !_broken && !_process.HasExited;

    /// <summary>Starts a worker and waits until it is warm. A scratch folder means: without isolation.</summary>
    public static PythonWorker Start(PythonHost host, CPythonOptions options, string? unsafeScratch)
    {
        var settings = JsonSerializer.Serialize(new
        {
            isolate = unsafeScratch is null,
            memory = options.MemoryBytes,
            processes = options.MaxProcesses,
            scratch = options.ScratchBytes,
            file = options.MaxFileBytes,
            files = Files,
            folder = unsafeScratch,
        });
        var start = new ProcessStartInfo(host.Executable, ["-s", "-B", "-c", Loader, settings])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        foreach (var name in start.Environment.Keys.Where(key => key is not ("PATH" or "LD_LIBRARY_PATH")).ToList())
        {
            start.Environment.Remove(name);
        }

        // Sets of strings are then iterated in the same order in every run.
        start.Environment["PYTHONHASHSEED"] = "0";
        start.Environment["PYTHONSAFEPATH"] = "1";
        start.Environment["PYTHONUTF8"] = "1";
        var worker = new PythonWorker(
            Process.Start(start) ?? throw new InputException($"'{host.Executable}' cannot be started"));
        try
        {
            worker.Greet();
            return worker;
        }
        catch
        {
            worker.Dispose();
            throw;
        }
    }

    /// <summary>False when the worker was found dead; the program has then not begun.</summary>
    public bool TrySend(PythonRequest request)
    {
        var json = request.ToJson();
        var frame = new byte[json.Length + sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(frame, json.Length);
        json.CopyTo(frame, sizeof(int));
        try
        {
            _input.Write(frame);
            _input.Flush();
            return true;
        }
        catch (IOException)
        {
            _broken = true;
            return false;
        }
    }

    /// <summary>Waits for the program's end. The worker is no longer alive when it failed to keep the deadline.</summary>
    public ProgramResult Receive(PythonRequest request, CancellationToken stop)
    {
        var late = false;
        using var cancel = stop.Register(Kill);
        using var timer = new Timer(
            _ =>
            {
                late = true;
                Kill();
            },
            null,
            request.Limits.Deadline + _backstop,
            Timeout.InfiniteTimeSpan);
        try
        {
            return ReadReply().ToResult(request.Limits);
        }
        catch (IOException)
        {
            _broken = true;
            stop.ThrowIfCancellationRequested();
            return late ? PythonReply.Late(request.Limits) : PythonReply.Failure("the worker process died" + Said());
        }
    }

    public void Dispose()
    {
        Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private void Greet()
    {
        using var timer = new Timer(_ => Kill(), null, _startPatience, Timeout.InfiniteTimeSpan);
        try
        {
            var program = WorkerProgram.Read();
            _input.Write(Encoding.ASCII.GetBytes(FormattableString.Invariant($"{program.Length}\n")));
            _input.Write(program);
            _input.Flush();
            using var head = JsonDocument.Parse(ReadReply().Head);
            if (head.RootElement.TryGetProperty("refused", out var reason))
            {
                throw new IsolationException(reason.GetString() ?? "unknown");
            }
        }
        catch (IOException error)
        {
            throw new InputException($"the Python worker did not start{Said()}", error);
        }
    }

    private PythonReply ReadReply() => new(ReadPart(), ReadPart(), ReadPart());

    private byte[] ReadPart()
    {
        Span<byte> size = stackalloc byte[sizeof(int)];
        _output.ReadExactly(size);
        var length = BinaryPrimitives.ReadInt32LittleEndian(size);
        if (length is < 0 or > MaxPart)
        {
            throw new IOException($"the worker announced {length} bytes");
        }

        var part = new byte[length];
        _output.ReadExactly(part);
        return part;
    }

    /// <summary>Ends the outer process; the kernel then ends the inner one and with it the whole namespace.</summary>
    private void Kill()
    {
        try
        {
            _process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }
    }

    private void Keep(string? line)
    {
        lock (_errors)
        {
            if (!string.IsNullOrWhiteSpace(line))
            {
                _errors.Enqueue(line.Trim());
            }

            while (_errors.Count > 3)
            {
                _errors.Dequeue();
            }
        }
    }

    private string Said()
    {
        lock (_errors)
        {
            return _errors.Count == 0 ? "" : ": " + string.Join(" | ", _errors);
        }
    }
}
