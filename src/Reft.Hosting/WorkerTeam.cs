using System.Diagnostics;
using System.Globalization;
using System.Reflection;

namespace Reft.Hosting;

/// <summary>
/// Several processes of this program that share one job. What they say comes out line by line, each with its process's number before it.
/// They end when their standard input does, so none outlives this process.
/// </summary>
internal sealed class WorkerTeam
{
    /// <summary>Tells libtorch, and by it Reft's kernels, how many threads to compute with.</summary>
    private const string ThreadsVariable = "OMP_NUM_THREADS";

    /// <summary>Tells a process that it is one of a team.</summary>
    private const string WorkerVariable = "REFT_WORKER";

    private readonly Terminal _terminal;
    private readonly Process[] _workers;
    private readonly Task[] _reading;
    private readonly Lock _lock = new();

    /// <summary>Starts them. The threads that one process would compute with are shared out among them.</summary>
    /// <param name="count">How many.</param>
    /// <param name="arguments">What each is called with.</param>
    /// <param name="terminal">Where their lines go.</param>
    public WorkerTeam(int count, IReadOnlyList<string> arguments, Terminal terminal)
    {
        if (Environment.GetEnvironmentVariable(WorkerVariable) is not null)
        {
            // Without this a program that fixes its own command line would start itself for ever.
            throw new InputException("this process was started to do a part of a job, and was to start others: give ReftHost the arguments that the program was started with");
        }

        _terminal = terminal;
        _workers = [.. Enumerable.Range(0, count).Select(_ => Start(arguments, Math.Max(1, Threads() / count)))];
        _reading = [.. _workers.SelectMany((worker, w) => new[] { Echo(worker.StandardOutput, w), Echo(worker.StandardError, w) })];
    }

    /// <summary>Waits for all. When one fails, or when asked to stop, the others are told to end with what they did saved.</summary>
    /// <returns>The first exit code that is not 0; 0 if there is none.</returns>
    public async Task<int> WaitAsync(CancellationToken cancellation)
    {
        using var stop = cancellation.Register(Stop);
        var code = 0;
        await foreach (var ended in Task.WhenEach(_workers.Select(WaitAsync)))
        {
            if (await ended is not App.Done and var failure && code == App.Done)
            {
                code = failure;
                Stop();
            }
        }

        await Task.WhenAll(_reading);
        foreach (var worker in _workers)
        {
            worker.Dispose();
        }

        return code;
    }

    /// <summary>Stops a worker when the process that started it ends, or closes its standard input.</summary>
    /// <param name="input">Standard input.</param>
    /// <param name="stop">Is cancelled then.</param>
    public static void StopAtEndOf(TextReader input, CancellationTokenSource stop) => new Thread(() =>
    {
        input.ReadToEnd();
        try
        {
            stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The work ended before.
        }
    })
    { IsBackground = true }.Start();

    /// <summary>How many threads a process of its own would take.</summary>
    private static int Threads() =>
        int.TryParse(Environment.GetEnvironmentVariable(ThreadsVariable), NumberStyles.None, CultureInfo.InvariantCulture, out var threads)
            ? threads
            : Environment.ProcessorCount;

    private static Process Start(IReadOnlyList<string> arguments, int threads)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) // A running program has one.
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // Started as `dotnet Reft.Cli.dll` the process is dotnet's, and the program its first argument: reft, or whose Program.cs this runs for.
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet")
        {
            start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, Assembly.GetEntryAssembly()!.GetName().Name + ".dll")); // It began managed.
        }

        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment[ThreadsVariable] = $"{threads}";
        start.Environment[WorkerVariable] = "1";
        return Process.Start(start)!; // It is a new process.
    }

    private static async Task<int> WaitAsync(Process worker)
    {
        await worker.WaitForExitAsync();
        return worker.ExitCode;
    }

    private async Task Echo(StreamReader lines, int worker)
    {
        while (await lines.ReadLineAsync() is { } line)
        {
            lock (_lock)
            {
                _terminal.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{worker + 1}| {line}"));
            }
        }
    }

    private void Stop()
    {
        foreach (var worker in _workers)
        {
            try
            {
                worker.StandardInput.Close();
            }
            catch (IOException)
            {
                // It has ended.
            }
        }
    }
}
