using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Reft.Tests.Python;

/// <summary>
/// Generated programs here and in CPython 3.11: the same value, or unsupported. REFT_DIFFERENTIAL_PROGRAMS says how
/// many and REFT_DIFFERENTIAL_SEED from where.
/// </summary>
public sealed class DifferentialTests
{
    private const string Batch = """
        import contextlib, io, json, resource, signal, sys, warnings
        resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
        class Late(BaseException): pass
        def stop(*_): raise Late
        signal.signal(signal.SIGALRM, stop)
        warnings.simplefilter("ignore")
        assert sys.version_info[:2] == (3, 11), "not Python 3.11"
        results = []
        for source in json.load(open(sys.argv[1])):
            output = io.StringIO()
            space = {"__name__": "__main__"}
            signal.alarm(2)
            try:
                with contextlib.redirect_stdout(output):
                    exec(compile(source, "<program>", "exec"), space)
                    results.append([repr(space["solution"]()), None, output.getvalue()])
            except (Late, MemoryError):
                results.append([None, "Late", ""])
            except BaseException as error:
                results.append([None, type(error).__name__, output.getvalue()])
        signal.alarm(0)
        json.dump(results, open(sys.argv[2], "w"))
        """;

    [Fact]
    public void Run_GeneratedPrograms_GiveWhatCPythonGives()
    {
        var count = Setting("REFT_DIFFERENTIAL_PROGRAMS", 500);
        var seed = Setting("REFT_DIFFERENTIAL_SEED", 1);
        var sources = Enumerable.Range(seed, count).Select(i => new ProgramGenerator(i).Make()).ToList();
        var expected = CPython(sources);
        var differences = new List<string>();
        var unsupported = 0;
        var values = 0;
        for (var i = 0; i < count; i++)
        {
            var result = Run.Source(sources[i]);
            var isFault = result.Detail.Contains("interpreter fault", StringComparison.Ordinal);
            if (!isFault && (result.Detail.StartsWith("unsupported", StringComparison.Ordinal)
                || result.Detail.Contains("budget", StringComparison.Ordinal)))
            {
                unsupported++;
                continue;
            }

            var (value, error, output) = expected[i];
            if (error == "Late")
            {
                continue;
            }

            values += value is null ? 0 : 1;
            if (result.Value?.Repr != value || result.Output != output || (error is not null && result.Detail.Split(':')[0] != error))
            {
                differences.Add($"seed {seed + i}:\n{sources[i]}\n  CPython: {value} {error} {output}\n  here: {result.Value?.Repr} {result.Detail} {result.Output}");
            }
        }

        TestContext.Current.SendDiagnosticMessage(
            "{0} programs: {1} values equal, {2} unsupported, {3} different", count, values, unsupported, differences.Count);
        Assert.True(differences.Count == 0, $"{differences.Count} of {count} differ\n" + string.Join("\n", differences.Take(5)));
        Assert.True(unsupported < count / 8, $"{unsupported} of {count} are unsupported");
        Assert.True(values > count / 4, $"only {values} of {count} gave a value");
    }

    private static int Setting(string name, int usual) =>
        int.Parse(Environment.GetEnvironmentVariable(name) ?? usual.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    private static List<(string? Value, string? Error, string Output)> CPython(List<string> sources)
    {
        var folder = Directory.CreateTempSubdirectory("reft-differential");
        try
        {
            string Path(string name) => System.IO.Path.Combine(folder.FullName, name);
            File.WriteAllText(Path("batch.py"), Batch);
            File.WriteAllText(Path("in.json"), JsonSerializer.Serialize(sources));
            Process? process = null;
            try
            {
                process = Process.Start(new ProcessStartInfo("python3", [Path("batch.py"), Path("in.json"), Path("out.json")])
                {
                    RedirectStandardError = true,
                });
            }
            catch (Win32Exception)
            {
                Assert.Skip("python3 is not here");
            }

            using (process)
            {
                var errors = process!.StandardError.ReadToEnd(); // Start gives a process for a program
                process.WaitForExit();
                Assert.SkipWhen(errors.Contains("not Python 3.11", StringComparison.Ordinal), "python3 is not version 3.11");
                Assert.True(process.ExitCode == 0, errors);
            }

            using var document = JsonDocument.Parse(File.ReadAllText(Path("out.json")));
            return [.. document.RootElement.EnumerateArray().Select(r => (r[0].GetString(), r[1].GetString(), r[2].GetString() ?? ""))];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
