using Reft.Evaluation;

namespace Reft.Reporting;

/// <summary>A greedy dev evaluation in a summary.</summary>
/// <param name="Step">After which step.</param>
/// <param name="Accuracy">Strict accuracy with its interval.</param>
internal sealed record DevPoint(long Step, Estimate Accuracy);

/// <summary>What training changed on dev, from the first greedy evaluation to the last.</summary>
/// <param name="First">The first evaluation.</param>
/// <param name="Last">The last.</param>
/// <param name="Best">The first of those with the highest accuracy.</param>
/// <param name="Gained">Problems that were wrong at first and right at last.</param>
/// <param name="Lost">Problems that were right at first and wrong at last.</param>
/// <param name="Compared">Problems that both evaluated.</param>
/// <param name="P">The two-sided p-value of McNemar's exact test, with one coin a group of problems.</param>
internal sealed record DevChange(
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

        var both = run.Outcomes.Where(row => row.Value[0] != '-' && row.Value[^1] != '-')
            .Select(row => (Change: (row.Value[^1] == 'c' ? 1 : 0) - (row.Value[0] == 'c' ? 1 : 0), Group: run.Groups.GetValueOrDefault(row.Key, row.Key)))
            .ToArray();
        var groups = both.GroupBy(pair => pair.Group, pair => pair.Change, StringComparer.Ordinal).Select(group => Math.Sign(group.Sum())).ToArray();
        return new DevChange(
            points[0],
            points[^1],
            points.MaxBy(point => point.Accuracy.Value)!, // There is one.
            both.Count(pair => pair.Change > 0),
            both.Count(pair => pair.Change < 0),
            both.Length,
            McNemar.PValue(groups.Count(sign => sign > 0), groups.Count(sign => sign < 0)));
    }
}
