namespace Reft.Numerics;

/// <summary>Statistics over the entries of ragged rows that a mask lets through; float64 inside, no padding anywhere.</summary>
internal static class Masked
{
    // What the reference program adds to the variance before its root.
    private const double WhiteningEpsilon = 1e-8;

    /// <summary>How many entries count.</summary>
    public static int Count(IReadOnlyList<bool[]> masks) => masks.Sum(m => m.Count(counts => counts));

    /// <summary>The mean of the entries that count; NaN if none does.</summary>
    public static double Mean(IReadOnlyList<double[]> rows, IReadOnlyList<bool[]> masks) =>
        Sum(rows, masks, x => x) / Count(masks);

    /// <summary>The variance with Bessel's correction, <c>Σ(x-μ)²/(n-1)</c>; NaN for fewer than two entries.</summary>
    public static double Variance(IReadOnlyList<double[]> rows, IReadOnlyList<bool[]> masks)
    {
        var count = Count(masks);
        var mean = Mean(rows, masks);
        return count < 2 ? double.NaN : Sum(rows, masks, x => (x - mean) * (x - mean)) / (count - 1);
    }

    /// <summary>
    /// <c>(x-μ)/√(σ²+1e-8)</c> over all entries that count, with Bessel's correction (the reference program's whitening
    /// over the whole rollout batch); 0 elsewhere. With fewer than two entries nothing is changed.
    /// </summary>
    public static double[][] Whiten(IReadOnlyList<double[]> rows, IReadOnlyList<bool[]> masks)
    {
        var few = Count(masks) < 2;
        var mean = few ? 0 : Mean(rows, masks);
        var scale = few ? 1 : 1 / Math.Sqrt(Variance(rows, masks) + WhiteningEpsilon);
        return [.. rows.Zip(masks, (row, mask) =>
            row.Zip(mask, (x, counts) => counts ? (x - mean) * scale : 0).ToArray())];
    }

    private static double Sum(IReadOnlyList<double[]> rows, IReadOnlyList<bool[]> masks, Func<double, double> of)
    {
        var sum = 0.0;
        for (var b = 0; b < rows.Count; b++)
        {
            for (var t = 0; t < rows[b].Length; t++)
            {
                sum += masks[b][t] ? of(rows[b][t]) : 0;
            }
        }

        return sum;
    }
}
