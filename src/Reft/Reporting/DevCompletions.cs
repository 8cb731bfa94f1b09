namespace Reft.Reporting;

/// <summary>The greedy completions of the last dev evaluation: answers to what the model never learned from.</summary>
internal static class DevCompletions
{
    /// <summary>Reads them, evenly spaced where there is no room for all.</summary>
    /// <param name="evaluations">The run's evaluations.</param>
    /// <param name="limits">The limits.</param>
    /// <param name="shown">What is shown of how many.</param>
    public static IReadOnlyList<ShownRollout> Read(EvaluationFiles evaluations, ReportLimits limits, out string shown)
    {
        shown = "";
        var dev = evaluations.Dev;
        if (dev.Count == 0)
        {
            return [];
        }

        var all = evaluations.ReadItems(dev.Count - 1)
            .Select(item => ShownRollout.Of(item, dev[^1].Step, limits)).ToList();
        var bytes = all.Sum(item => (long)PageJson.Length(item));
        var count = bytes <= limits.EvaluationBytes ? all.Count : (int)(all.Count * limits.EvaluationBytes / bytes);
        var some = RolloutPicker.EvenlySpaced(all, count).ToList();
        // Where lengths differ much, evenly spaced ones can be longer than the average.
        while (some.Sum(item => (long)PageJson.Length(item)) > limits.EvaluationBytes)
        {
            some.RemoveAt(some.Count - 1);
        }

        shown = some.Count == all.Count
            ? FormattableString.Invariant($"All {all.Count} completions of the last dev evaluation are shown.")
            : FormattableString.Invariant(
                $"{some.Count} of the {all.Count} completions of the last dev evaluation are shown, evenly spaced.");
        return some;
    }
}
