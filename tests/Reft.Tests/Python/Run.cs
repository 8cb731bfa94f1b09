using System.Diagnostics;
using Reft.Python;

namespace Reft.Tests.Python;

/// <summary>Short ways to run programs in tests.</summary>
internal static class Run
{
    public static ProgramResult Source(string source, ProgramLimits? limits = null) =>
        new ManagedEngine().Run(source, limits ?? new ProgramLimits(), "solution", TestContext.Current.CancellationToken);

    /// <summary>The repr of an expression, or its error's text.</summary>
    public static string Expression(string expression)
    {
        var result = Source($"def solution():\n    return {expression}\n");
        return result.Value?.Repr ?? result.Detail;
    }

    /// <summary>
    /// Runs an attack and checks that it ended. It takes less than a second; the bound is for busy machines, and what gets past the
    /// budgets takes hours.
    /// </summary>
    public static ProgramResult Attack(string source, ProgramLimits? limits = null)
    {
        Source("def solution():\n    return 1\n");
        var started = Stopwatch.GetTimestamp();
        var result = Source(source, limits);
        Assert.True(
            Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(60),
            $"took {Stopwatch.GetElapsedTime(started).TotalSeconds:F2} s: {result.Detail}");
        Assert.DoesNotContain("interpreter fault", result.Detail, StringComparison.Ordinal);
        return result;
    }
}
