using System.Globalization;
using Reft.Python;

namespace Reft.Tests.Python;

/// <summary>One engine for all tests of CPython, or the reason why there is none on this machine.</summary>
public sealed class CPythonFixture : IDisposable
{
    private readonly CPythonEngine? _engine;
    private readonly string _refusal = "";

    // No other engine on the machine has this number on its command line.
    public static readonly CPythonOptions Options = new()
    {
        Workers = 2,
        MemoryBytes = (128L << 20) + (4096L * Environment.ProcessId),
        ScratchBytes = 1 << 20,
        MaxFileBytes = 1 << 19,
    };

    public CPythonFixture()
    {
        try
        {
            _engine = new CPythonEngine(Options);
        }
        catch (InputException error)
        {
            _refusal = error.Message;
        }
    }

    /// <summary>The engine; skips the test where there is none.</summary>
    public CPythonEngine Engine
    {
        get
        {
            Assert.SkipWhen(_engine is null, _refusal);
            return _engine;
        }
    }

    /// <summary>Processes of workers with these options, and of programs, which have their worker's command line.</summary>
    public static List<int> Processes(CPythonOptions options)
    {
        var mark = string.Create(CultureInfo.InvariantCulture, $"\"memory\":{options.MemoryBytes},");
        return [.. Directory.GetDirectories("/proc")
            .Select(folder => int.TryParse(
                Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0)
            .Where(id => id > 0 && CommandLine(id).Contains(mark, StringComparison.Ordinal))];
    }

    public static ProgramLimits Within(double seconds) => new() { Deadline = TimeSpan.FromSeconds(seconds) };

    public void Dispose() => _engine?.Dispose();

    private static string CommandLine(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/cmdline");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return ""; // It has just ended.
        }
    }
}

[CollectionDefinition(nameof(CPythonFixture))]
public sealed class CPythonTests : ICollectionFixture<CPythonFixture>;
