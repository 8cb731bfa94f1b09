using System.Diagnostics;
using System.Globalization;
using Reft.Python;

namespace Reft.Benchmarks;

/// <summary>
/// Programs a second through the pool of CPython workers, from source text to value, with as many threads as workers.
/// Each program imports math and sympy, as the official preparation of programs makes it.
/// </summary>
internal static class CPythonBenchmark
{
    private const int Programs = 1500;

    public static void Run(TextWriter output, string? most)
    {
        var limits = new ProgramLimits();
        output.WriteLine("workers  programs  seconds  programs/s  failures");
        var many = most is null ? new CPythonOptions().Workers : int.Parse(most, CultureInfo.InvariantCulture);
        foreach (var workers in new[] { 1, Environment.ProcessorCount, many }.Distinct())
        {
            using var engine = new CPythonEngine(new CPythonOptions { Workers = workers });
            Pass(engine, limits, workers, 10 * workers);
            for (var round = 0; round < 4; round++)
            {
                var started = Stopwatch.GetTimestamp();
                var failures = Pass(engine, limits, workers, Programs);
                var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{workers,7}  {Programs,8}  {seconds,7:F3}  {Programs / seconds,10:F0}  {failures,8}"));
            }
        }
    }

    private static int Pass(CPythonEngine engine, ProgramLimits limits, int workers, int count)
    {
        var failures = 0;
        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = workers }, i =>
        {
            var result = engine.Run(Program(i), limits);
            if (result.Value?.ToFloat() != (i + i + 7) / 6)
            {
                Interlocked.Increment(ref failures);
            }
        });
        return failures;
    }

    private static string Program(int i) => PaperProgramText.Prepare(string.Create(
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
        """));
}
