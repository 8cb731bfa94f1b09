using Reft.Evaluation;

namespace Reft.Reporting;

/// <summary>A greedy dev evaluation in a summary.</summary>
/// <param name="Step">After which step.</param>
/// <param name="Accuracy">Strict accuracy with its interval.</param>
public sealed record DevPoint(long Step, Estimate Accuracy);

/// <summary>What training changed on dev, from the first greedy evaluation to the last.</summary>
/// <param name="First">The first evaluation.</param>
/// <param name="Last">The last.</param>
/// <param name="Best">The first of those with the highest accuracy.</param>
/// <param name="Gained">Problems that were wrong at first and right at last.</param>
/// <param name="Lost">Problems that were right at first and wrong at last.</param>
/// <param name="Compared">Problems that both evaluated.</param>
/// <param name="P">The two-sided p-value of McNemar's exact test.</param>
public sealed record DevChange(
    DevPoint First, DevPoint Last, DevPoint Best, int Gained, int Lost, int Compared, double P)
{
    /// <summary>Compares the evaluations of a run; null where it has none.</summary>
    internal static DevChange? Of(RunRecord run)
    {
        var points = run.Evaluations.Where(evaluation => evaluation.Set == "dev")
            .Select(evaluation => new DevPoint(evaluation.Step, evaluation.Greedy.Accuracy)).ToArray();
        if (points.Length == 0)
        {
            return null;
        }

        var both = run.Outcomes.Values.Where(row => row[0] != '-' && row[^1] != '-').ToArray();
        var gained = both.Count(row => row[0] != 'c' && row[^1] == 'c');
        var lost = both.Count(row => row[0] == 'c' && row[^1] != 'c');
        return new DevChange(
            points[0],
            points[^1],
            points.MaxBy(point => point.Accuracy.Value)!, // There is one.
            gained,
            lost,
            both.Length,
            McNemar.PValue(gained, lost));
    }
}
