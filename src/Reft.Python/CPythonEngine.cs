using System.Collections.Concurrent;
using Reft.Python.CPython;

namespace Reft.Python;

/// <summary>
/// Runs programs in real CPython, on Linux: in a pool of warm workers, each program in a child of its own that has no
/// network, no files but Python's own libraries and a scratch folder, and is dead when its result is handed out.
/// Safe to call from many threads. What is covered and what is not: docs/cpython.md.
/// </summary>
public sealed class CPythonEngine : IProgramEngine, IDisposable
{
    private readonly CPythonOptions _options;
    private readonly PythonHost _host;
    private readonly bool _isolate;
    private readonly SemaphoreSlim _free;
    private readonly ConcurrentStack<PythonWorker> _idle = new();
    private readonly CancellationTokenSource _disposed = new();
    private readonly string? _scratch;
    private int _restarts;

    /// <summary>Starts the first worker and tries whether its isolation holds.</summary>
    /// <exception cref="InputException">
    /// There is no such Python, or programs cannot be isolated here and the options do not allow that. Says why.
    /// </exception>
    public CPythonEngine(CPythonOptions? options = null)
    {
        _options = options ?? new CPythonOptions();
        if (_options.Validate("cpython").ToList() is { Count: > 0 } errors)
        {
            throw new InputException(string.Join("; ", errors));
        }

        if (!OperatingSystem.IsLinux())
        {
            throw new InputException("the engine cpython needs Linux; use the engine managed");
        }

        _host = PythonHost.Find(_options.Python);
        _free = new SemaphoreSlim(_options.Workers);
        var refusal = "the options forbid it";
        if (!_options.NeverIsolate)
        {
            try
            {
                _isolate = true;
                _idle.Push(Start());
                return;
            }
            catch (IsolationException error)
            {
                refusal = error.Message;
            }
        }

        if (!_options.AllowUnsafe)
        {
            throw new InputException(IsolationProbe.Refusal(refusal));
        }

        _isolate = false;
        _scratch = Directory.CreateTempSubdirectory("reft-programs-").FullName;
        Warning = "programs run WITHOUT isolation and can read and write your files "
            + $"(--unsafe-programs; no isolation: {refusal})";
        _idle.Push(Start());
    }

    /// <summary>What the user must be told before programs run; null where they are isolated.</summary>
    public string? Warning { get; }

    /// <summary>How many workers died or had to be killed, and were replaced.</summary>
    public int Restarts => Volatile.Read(ref _restarts);

    /// <summary>The processes of the workers that wait for a program.</summary>
    internal IReadOnlyList<int> IdleProcesses => [.. _idle.Select(worker => worker.ProcessId)];

    /// <inheritdoc/>
    public ProgramResult Run(
        string source, ProgramLimits limits, string? entry = "solution", CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(limits);
        if (source.Length > limits.MaxSourceChars)
        {
            return PythonReply.Failure(
                FormattableString.Invariant($"source budget of {limits.MaxSourceChars} characters exceeded"));
        }

        ObjectDisposedException.ThrowIf(_disposed.IsCancellationRequested, this);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _disposed.Token);
        _free.Wait(stop.Token);
        try
        {
            return RunOnWorker(new PythonRequest(source, entry, limits), stop.Token);
        }
        catch (OperationCanceledException error)
        {
            ObjectDisposedException.ThrowIf(_disposed.IsCancellationRequested, this);
            throw new OperationCanceledException("The program was stopped.", error, cancellation);
        }
        finally
        {
            _free.Release();
        }
    }

    /// <summary>Ends the workers and whatever they run. Calls that wait end with an exception.</summary>
    public void Dispose()
    {
        if (_disposed.IsCancellationRequested)
        {
            return;
        }

        _disposed.Cancel();
        // A call that runs now ends by the line above and disposes its worker; wait for all of them.
        for (var worker = 0; worker < _options.Workers; worker++)
        {
            _free.Wait();
        }

        while (_idle.TryPop(out var worker))
        {
            worker.Dispose();
        }

        if (_scratch is not null && Directory.Exists(_scratch))
        {
            Directory.Delete(_scratch, recursive: true);
        }
    }

    private ProgramResult RunOnWorker(PythonRequest request, CancellationToken stop)
    {
        var worker = Take(stop);
        var keep = false;
        try
        {
            while (!worker.TrySend(request))
            {
                // It died while it waited, so the program has not begun.
                worker = Replace(worker, stop);
            }

            var result = worker.Receive(request, stop);
            keep = worker.IsAlive;
            return result;
        }
        finally
        {
            if (keep)
            {
                _idle.Push(worker);
            }
            else
            {
                Interlocked.Increment(ref _restarts);
                worker.Dispose();
            }
        }
    }

    private PythonWorker Take(CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        return !_idle.TryPop(out var worker) ? Start() : worker.IsAlive ? worker : Replace(worker, stop);
    }

    private PythonWorker Replace(PythonWorker dead, CancellationToken stop)
    {
        Interlocked.Increment(ref _restarts);
        dead.Dispose();
        stop.ThrowIfCancellationRequested();
        return Start();
    }

    private PythonWorker Start()
    {
        var worker = PythonWorker.Start(_host, _options, _isolate ? null : _scratch);
        try
        {
            if (_isolate)
            {
                IsolationProbe.Check(worker, _options);
            }

            return worker;
        }
        catch
        {
            worker.Dispose();
            throw;
        }
    }
}
