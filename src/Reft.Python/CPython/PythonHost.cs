using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Reft.Python.CPython;

/// <summary>The interpreter that workers run: the program itself, not a script that looks for it.</summary>
internal sealed record PythonHost(string Executable)
{
    private const string Question = "import sys; print(sys.executable); print(sys.version_info[0] * 100 + sys.version_info[1])";
    private const int OldestVersion = 308;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    /// <summary>Asks the interpreter where it is and how old.</summary>
    public static PythonHost Find(string name)
    {
        // A name is looked for on PATH; a path is from where the user stands, not from where workers start.
        name = name.Contains('/', StringComparison.Ordinal) ? Path.GetFullPath(name) : name;
        var lines = Ask(name).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (lines is not [var executable, var number] || executable.Length == 0
            || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var version))
        {
            throw new InputException($"'{name}' is not a Python interpreter; name one by --python");
        }

        return version >= OldestVersion
            ? new PythonHost(executable)
            : throw new InputException($"'{name}' is Python {version / 100}.{version % 100}; 3.8 or later is needed");
    }

    private static string Ask(string name)
    {
        var start = new ProcessStartInfo(name, ["-c", Question])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = "/",
        };
        try
        {
            using var process = Process.Start(start)
                ?? throw new InputException($"'{name}' cannot be started; name an interpreter by --python");
            process.StandardInput.Close();
            process.ErrorDataReceived += (_, _) => { };
            process.BeginErrorReadLine();
            using var late = new Timer(_ => process.Kill(), null, _patience, Timeout.InfiniteTimeSpan);
            var text = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return text;
        }
        catch (Win32Exception error)
        {
            throw new InputException(
                $"no Python: '{name}' cannot be started ({error.Message}); install python3, or name one by --python", error);
        }
    }
}
