using System.Diagnostics;

namespace Reft.Tests.Training.Runs;

/// <summary>The program <c>reft</c> in a process of its own, its output read.</summary>
internal static class CliProcess
{
    /// <summary>What <c>dotnet</c> is given to run.</summary>
    public static string Library => Path.Combine(AppContext.BaseDirectory, "Reft.Cli.dll");

    /// <summary>Starts a program.</summary>
    /// <param name="program">Its name.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Variables it gets besides; null for none.</param>
    public static Process Launch(string program, string[] arguments, Dictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment ?? [])
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!; // It is a new process.
    }

    /// <summary>Waits for a process, and disposes it.</summary>
    public static async Task<(int Code, string Output, string Error)> FinishAsync(Process process, CancellationToken cancellation)
    {
        using (process)
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellation);
            var error = process.StandardError.ReadToEndAsync(cancellation);
            await process.WaitForExitAsync(cancellation);
            return (process.ExitCode, await output, await error);
        }
    }
}
