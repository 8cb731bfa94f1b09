namespace Reft.Diagnosis;

/// <summary>What a run measured: figures by step, and accuracies on dev.</summary>
/// <param name="Steps">The steps, in order.</param>
/// <param name="Columns">Every figure by its name, one entry a step; NaN where there is none.</param>
/// <param name="Dev">Greedy accuracies on dev, by step.</param>
/// <param name="MaxTokens">The longest response that rollouts may have.</param>
internal sealed record RunFigures(
    IReadOnlyList<long> Steps, IReadOnlyDictionary<string, double[]> Columns, IReadOnlyList<KeyValuePair<long, double>> Dev,
    int MaxTokens)
{
    /// <summary>A figure's entries; empty where the method has no such figure.</summary>
    public double[] Of(string name) => Columns.TryGetValue(name, out var column) ? column : [];

    /// <summary>A figure's trend; null where it has none.</summary>
    public Trend? Trend(string name) => Diagnosis.Trend.Of(Of(name));

    /// <summary>The longest streak of steps that hold a condition, as places in <see cref="Steps"/>; null for none.</summary>
    /// <param name="name">The figure.</param>
    /// <param name="holds">The condition.</param>
    /// <param name="from">The first place that is looked at.</param>
    /// <param name="counts">Which places can hold it at all; null for all.</param>
    public (int First, int Last)? Streak(string name, Func<double, bool> holds, int from = 0, Func<int, bool>? counts = null)
    {
        var column = Of(name);
        (int First, int Last)? best = null;
        var start = -1;
        for (var i = from; i < column.Length; i++)
        {
            start = !holds(column[i]) || counts?.Invoke(i) == false ? -1 : start < 0 ? i : start;
            if (start >= 0 && (best is null || i - start > best.Value.Last - best.Value.First))
            {
                best = (start, i);
            }
        }

        return best;
    }

    /// <summary>Means over steps at the end of the run.</summary>
    public double Late(string name)
    {
        var column = Of(name);
        return column.Skip(column.Length * 11 / 12).Where(double.IsFinite).DefaultIfEmpty(double.NaN).Average();
    }
}
