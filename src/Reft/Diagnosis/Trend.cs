namespace Reft.Diagnosis;

/// <summary>
/// How a figure moved over a run: Theil and Sen's slope over means of windows, which a few wild steps do not move, with the
/// 95% interval of Hollander and Wolfe (Nonparametric Statistical Methods, section 9.3).
/// </summary>
/// <param name="Change">The change from the first window to the last one.</param>
/// <param name="Low">The lower end of its interval.</param>
/// <param name="High">The upper end.</param>
/// <param name="First">The first window's mean.</param>
/// <param name="Last">The last window's mean.</param>
internal sealed record Trend(double Change, double Low, double High, double First, double Last)
{
    private const int Windows = 12;
    private const int FewestWindows = 6;
    private const double Normal95 = 1.96;

    /// <summary>Whether it rose beyond chance.</summary>
    public bool Rises => Low > 0;

    /// <summary>Whether it fell beyond chance.</summary>
    public bool Falls => High < 0;

    /// <summary>The trend of a series; null where it is too short to have one.</summary>
    public static Trend? Of(IReadOnlyList<double> series)
    {
        double[] finite = [.. series.Where(double.IsFinite)];
        var count = Math.Min(Windows, finite.Length / 2);
        if (count < FewestWindows)
        {
            return null;
        }

        var means = Enumerable.Range(0, count)
            .Select(w => finite[(w * finite.Length / count)..((w + 1) * finite.Length / count)].Average()).ToArray();
        double[] slopes =
        [
            .. from i in Enumerable.Range(0, count)
               from j in Enumerable.Range(i + 1, count - i - 1)
               let slope = (means[j] - means[i]) / (j - i)
               orderby slope
               select slope,
        ];
        var spread = Normal95 * Math.Sqrt(count * (count - 1) * ((2.0 * count) + 5) / 18);
        var low = Math.Max(0, (int)Math.Floor((slopes.Length - spread) / 2));
        var median = (slopes[(slopes.Length - 1) / 2] + slopes[slopes.Length / 2]) / 2;
        var whole = count - 1;
        return new Trend(median * whole, slopes[low] * whole, slopes[^(low + 1)] * whole, means[0], means[^1]);
    }
}
