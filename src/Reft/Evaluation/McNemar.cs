namespace Reft.Evaluation;

/// <summary>
/// McNemar's exact test: whether two evaluations of the same problems differ by more than chance. Only problems on
/// which they disagree count; under the hypothesis each falls to either side like a coin
/// (<see href="https://doi.org/10.1007/BF02295996"/>).
/// </summary>
internal static class McNemar
{
    /// <summary>
    /// The two-sided p-value <c>min(1, 2 · P(X ≤ min(b, c)))</c>, X binomial of b + c coins; 1 where b + c = 0.
    /// </summary>
    /// <param name="gained">b: problems that only the one evaluation has right.</param>
    /// <param name="lost">c: problems that only the other has right.</param>
    public static double PValue(int gained, int lost)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(gained);
        ArgumentOutOfRangeException.ThrowIfNegative(lost);
        var n = gained + lost;
        // Logarithms: 2⁻ⁿ is no double from n = 1075 on.
        var logTerm = -n * Math.Log(2);
        var tail = 0.0;
        for (var k = 0; k <= Math.Min(gained, lost); k++)
        {
            tail += Math.Exp(logTerm);
            logTerm += Math.Log((double)(n - k) / (k + 1));
        }

        return Math.Min(1, 2 * tail);
    }
}
