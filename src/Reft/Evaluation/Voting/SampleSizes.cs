namespace Reft.Evaluation.Voting;

/// <summary>How many samples votes and choices are reported for.</summary>
internal static class SampleSizes
{
    /// <summary>Powers of 4 below a number, and the number.</summary>
    public static IReadOnlyList<int> Of(int fewest) =>
        [.. Enumerable.Range(0, 15).Select(i => 1 << (2 * i)).TakeWhile(k => k < fewest).Append(fewest)];
}
