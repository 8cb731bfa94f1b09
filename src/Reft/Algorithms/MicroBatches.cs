namespace Reft.Algorithms;

/// <summary>Cuts a batch into pieces of bounded size, in order; one that is too large by itself is a piece alone.</summary>
internal static class MicroBatches
{
    /// <summary>Cuts.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="tokensOf">A row's tokens.</param>
    /// <param name="limit">The most tokens of a piece.</param>
    public static IEnumerable<IReadOnlyList<T>> Split<T>(IReadOnlyList<T> rows, Func<T, int> tokensOf, int limit)
    {
        var piece = new List<T>();
        var tokens = 0;
        foreach (var row in rows)
        {
            var own = tokensOf(row);
            if (piece.Count > 0 && tokens + own > limit)
            {
                yield return piece;
                piece = [];
                tokens = 0;
            }

            piece.Add(row);
            tokens += own;
        }

        if (piece.Count > 0)
        {
            yield return piece;
        }
    }
}
