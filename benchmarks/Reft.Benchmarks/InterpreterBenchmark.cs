using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Reft.Python;

namespace Reft.Benchmarks;

/// <summary>Programs a second through the managed interpreter, from source text to value, on one core.</summary>
internal static class InterpreterBenchmark
{
    public static void Run(TextWriter output, string? path)
    {
        var programs = path is null ? Samples() : Read(path);
        var engine = new ManagedEngine();
        var limits = new ProgramLimits();
        output.WriteLine("programs  round  seconds  programs/s  per CPU s  steps/program  failures");
        for (var round = 0; round < 8; round++)
        {
            var started = Stopwatch.GetTimestamp();
            var processor = Environment.CpuUsage.TotalTime;
            var (steps, failures) = (0L, 0);
            foreach (var program in programs)
            {
                var result = engine.Run(program, limits);
                steps += result.Steps;
                failures += result.Outcome == ProgramOutcome.Value ? 0 : 1;
            }

            var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            var used = (Environment.CpuUsage.TotalTime - processor).TotalSeconds;
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{programs.Count,8}  {round,5}  {seconds,7:F3}  {programs.Count / seconds,10:F0}  {programs.Count / used,9:F0}  {(double)steps / programs.Count,13:F1}  {failures,8}"));
        }
    }

    private static List<string> Read(string path)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(path));
        return [.. document.RootElement.EnumerateArray().Select(row => row.GetProperty("answer_cot").GetString() ?? "")];
    }

    private static List<string> Samples() => [.. Enumerable.Range(0, 3000).Select(i => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        def solution():
            "Robin had {i} cookies and {i + 7} more. With 6 in each bag, how many bags could she fill?"
            num_cookies = {i}
            num_more_cookies = {i + 7}
            num_all_cookies = num_cookies + num_more_cookies
            num_bags = num_all_cookies // 6
            result = num_bags
            return result
        """))];
}
