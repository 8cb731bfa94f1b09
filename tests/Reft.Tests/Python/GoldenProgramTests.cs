using System.Text.Json;

namespace Reft.Tests.Python;

/// <summary>What CPython 3.11 made of two thousand programs: see eng/golden/make_program_goldens.py.</summary>
public sealed class GoldenProgramTests
{
    private const int Refused = 60;

    [Fact]
    public void Run_GoldenPrograms_GiveWhatCPythonGave()
    {
        var differences = new List<string>();
        var (count, refused) = (0, 0);
        foreach (var (source, value, error, output) in Goldens())
        {
            var result = Run.Source(source);
            count++;
            if (result.Detail.StartsWith("unsupported", StringComparison.Ordinal))
            {
                Assert.DoesNotContain("interpreter fault", result.Detail, StringComparison.Ordinal);
                refused++;
                continue;
            }

            var same = result.Value?.Repr == value && result.Output == output
                && (error is null || result.Detail.Split(':')[0] == error.Split(':')[0]);
            if (!same)
            {
                differences.Add($"{source}\n  CPython: {value}{error} {output}\n  here: {result.Value?.Repr}{result.Detail} {result.Output}");
            }
        }

        Assert.True(differences.Count == 0, string.Join("\n", differences.Take(10)));
        Assert.True(count > 2200, $"only {count} programs were found");
        Assert.True(refused <= Refused, $"{refused} programs were refused, {Refused} are known");
    }

    internal static IEnumerable<(string Source, string? Value, string? Error, string Output)> Goldens()
    {
        using var stream = typeof(GoldenProgramTests).Assembly.GetManifestResourceStream(
            "Reft.Tests.Python.Golden.programs.jsonl");
        Assert.NotNull(stream);
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            using var row = JsonDocument.Parse(line);
            string? Text(string name) => row.RootElement.TryGetProperty(name, out var item) ? item.GetString() : null;
            yield return (Text("source") ?? "", Text("value"), Text("error"), Text("output") ?? "");
        }
    }
}
