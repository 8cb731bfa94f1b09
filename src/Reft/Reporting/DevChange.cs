namespace Reft.Reporting;

/// <summary>A greedy dev evaluation in a summary.</summary>
/// <param name="Step">After which step.</param>
/// <param name="Accuracy">Strict accuracy.</param>
/// <param name="Low">The lower end of its 95% interval.</param>
/// <param name="High">The upper end.</param>
/// <param name="N">Of how many problems.</param>
public sealed record DevPoint(long Step, double Accuracy, double? Low, double? High, long? N);

/// <summary>What training changed on dev, from the first greedy evaluation to the last.</summary>
/// <param name="First">The first evaluation.</param>
/// <param name="Last">The last.</param>
/// <param name="Best">The first of those with the highest accuracy.</param>
/// <param name="Gained">Problems that were wrong at first and right at last.</param>
/// <param name="Lost">Problems that were right at first and wrong at last.</param>
/// <param name="Compared">Problems that both evaluated.</param>
/// <param name="P">The two-sided p of an exact sign test on gained and lost.</param>
public sealed record DevChange(DevPoint First, DevPoint Last, DevPoint Best, int Gained, int Lost, int Compared, double P)
{
    /// <summary>Compares the evaluations of a run; null where it has none.</summary>
    internal static DevChange? Of(RunRecord run)
    {
        var points = run.Evaluations.Where(e => e is { Set: "dev", Greedy.Accuracy: not null })
            .Select(e => new DevPoint(e.Step, e.Greedy!.Accuracy!.Value, e.Greedy.Low, e.Greedy.High, e.Greedy.N)) // Asked for.
            .ToArray();
        if (points.Length == 0)
        {
            return null;
        }

        var both = run.Outcomes.Values.Where(row => row[0] != '-' && row[^1] != '-').ToArray();
        var gained = both.Count(row => row[0] != 'c' && row[^1] == 'c');
        var lost = both.Count(row => row[0] == 'c' && row[^1] != 'c');
        return new DevChange(
            points[0], points[^1], points.MaxBy(point => point.Accuracy)!, gained, lost, both.Length, SignTest(gained, lost));
    }

    /// <summary><c>min(1, 2 P(X ≤ min(a, b)))</c>, X binomial of a + b fair tosses.</summary>
    internal static double SignTest(int a, int b)
    {
        var (n, least) = (a + b, Math.Min(a, b));
        // Logarithms, since one half to the power of n is 0 long before n is large.
        var log = -n * Math.Log(2);
        var tail = Math.Exp(log);
        for (var k = 1; k <= least; k++)
        {
            log += Math.Log(n - k + 1) - Math.Log(k);
            tail += Math.Exp(log);
        }

        return Math.Min(1, 2 * tail);
    }
}
