using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Reft.Runtime;

/// <summary>The folder that libtorch is loaded from.</summary>
/// <param name="Folder">The folder; null where TorchSharp's own search is to find it.</param>
/// <param name="Source">Where the folder came from, in words.</param>
internal sealed partial record TorchHome(string? Folder, string Source)
{
    /// <summary>The environment variable that names the folder.</summary>
    public const string Variable = "REFT_TORCH_HOME";

    /// <summary>The variable's value that asks Python.</summary>
    public const string Automatic = "auto";

    private const int PythonSeconds = 20;

    /// <summary>Whether the folder is somebody else's, of any version.</summary>
    public bool IsForeign { get; private init; }

    /// <summary>The version of a pip installation, such as 2.11.0+cu130; null where nothing says it.</summary>
    public string? Version
    {
        get
        {
            var path = Folder is null ? null : Path.Combine(Folder, "..", "version.py");
            return File.Exists(path) && VersionLine().Match(File.ReadAllText(path)) is { Success: true } match ? match.Groups[1].Value : null;
        }
    }

    /// <summary>Finds the folder.</summary>
    /// <exception cref="InputException">The variable names no libtorch, or the build's is gone.</exception>
    public static TorchHome Find()
    {
        var chosen = Environment.GetEnvironmentVariable(Variable);
        if (!string.IsNullOrEmpty(chosen))
        {
            return chosen == Automatic ? OfPython() : OfFolder(chosen, Variable);
        }

        var beside = Path.Combine(AppContext.BaseDirectory, "libtorch");
        if (Holds(beside))
        {
            return new TorchHome(beside, "beside the program");
        }

        var note = Path.Combine(AppContext.BaseDirectory, "reft.native.json");
        if (!File.Exists(note))
        {
            // A CUDA build: its packages put the libraries where TorchSharp itself finds them.
            return new TorchHome(null, "TorchSharp's own search");
        }

        using var json = JsonDocument.Parse(File.ReadAllBytes(note));
        var folder = json.RootElement.GetProperty("libtorch").GetString()!; // The build always writes this key.
        return Holds(folder)
            ? new TorchHome(folder, "NuGet package")
            : throw new InputException(
                $"libtorch is not at '{folder}', where the build found it: run 'dotnet restore' and build again, or set {Variable}=auto "
                + "(the active Python's PyTorch) or to the torch/lib folder of a PyTorch installation");
    }

    private static TorchHome OfFolder(string folder, string source) => Holds(folder)
        ? new TorchHome(folder, source) { IsForeign = true }
        : throw new InputException(
            $"{Variable} is '{folder}', which holds no {NativeRuntime.FileName("torch_cpu")}: name the folder torch/lib of a PyTorch "
            + $"installation, or set it to {Automatic} for the active Python's, or unset it");

    /// <summary>Asks the Python that a shell would run where its PyTorch is, without importing it.</summary>
    private static TorchHome OfPython()
    {
        var tried = new List<string>();
        foreach (var python in OperatingSystem.IsWindows() ? new[] { "python", "py" } : ["python3", "python"])
        {
            if (Ask(python) is not { } answer)
            {
                tried.Add($"there is no {python}");
            }
            else if (answer.Length > 0)
            {
                return OfFolder(Path.Combine(answer, "lib"), $"{Variable}={Automatic}: PyTorch of {python}");
            }
            else
            {
                tried.Add($"{python} has no package torch");
            }
        }

        throw new InputException(
            $"{Variable} is {Automatic}, but {string.Join(" and ", tried)}: run 'pip install torch' in the Python that is active, "
            + "or name the torch/lib folder of a PyTorch installation");
    }

    /// <summary>The folder of a Python's package torch; empty where it has none, null where there is no such Python.</summary>
    private static string? Ask(string python)
    {
        var start = new ProcessStartInfo(python)
        {
            ArgumentList =
            {
                "-c", "import importlib.util as u; s = u.find_spec('torch'); print(next(iter((s and s.submodule_search_locations) or ['']), ''))",
            },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using var process = Process.Start(start)!; // Started, or it throws.
            var output = process.StandardOutput.ReadToEndAsync();
            var errors = process.StandardError.ReadToEndAsync();
            if (!process.WaitForExit(TimeSpan.FromSeconds(PythonSeconds)))
            {
                process.Kill(entireProcessTree: true);
                throw new InputException($"{Variable} is {Automatic}, but {python} did not say within {PythonSeconds} s where its PyTorch is");
            }

            _ = errors.GetAwaiter().GetResult();
            var lines = output.GetAwaiter().GetResult().Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            return process.ExitCode == 0 && lines.Length > 0 ? lines[^1] : "";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    private static bool Holds(string folder) => File.Exists(Path.Combine(folder, NativeRuntime.FileName("torch_cpu")));

    [GeneratedRegex("^__version__ = ['\"]([^'\"]+)['\"]", RegexOptions.Multiline)]
    private static partial Regex VersionLine();
}
