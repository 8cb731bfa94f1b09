using Reft.Numerics;

namespace Reft.Evaluation;

/// <summary>The samples of one problem, for the bootstrap.</summary>
/// <param name="Sum">The sum of the samples' values: how many are right.</param>
/// <param name="Count">How many samples, at least 1.</param>
public sealed record Cluster(double Sum, int Count);

/// <summary>
/// 95% intervals of figures that rest on a set of problems; docs/evaluation.md says when to use which. They count the
/// problems as a draw from more of their kind. Another training run is another matter: <see cref="SeedSpread"/>.
/// </summary>
public static class Intervals
{
    /// <summary>How often the bootstrap draws the problems anew.</summary>
    public const int Resamples = 10_000;

    // Φ⁻¹(0.975).
    private const double Z = 1.959963984540054;

    // Names the bootstrap's draws. It is no option: nobody should look for the seed that pleases.
    private const ulong BootstrapKey = 0xB007_57A9;

    /// <summary>
    /// Wilson's interval (<see href="https://doi.org/10.1080/01621459.1927.10502953"/>) of a proportion: every p whose
    /// standardised distance <c>|p̂ − p| / √(p(1−p)/n)</c> is at most 1.96. With no trial it is [0, 1].
    /// </summary>
    /// <param name="successes">How many trials succeeded, in [0, <paramref name="trials"/>].</param>
    /// <param name="trials">How many trials, one a problem.</param>
    public static Estimate Wilson(int successes, int trials)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(successes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(successes, trials);
        return Wilson((double)successes / trials, trials);
    }

    /// <summary>
    /// The percentile bootstrap (<see href="https://doi.org/10.1214/aos/1176344552"/>) of a mean over samples of which
    /// a problem has several: problems are drawn anew with replacement, each with all its samples. Where all problems
    /// have one and the same mean the bootstrap sees no spread; the interval is then Wilson's with one trial a problem,
    /// so the values must lie in [0, 1].
    /// </summary>
    /// <param name="clusters">The problems; at least one.</param>
    public static Estimate ClusteredBootstrap(IReadOnlyList<Cluster> clusters)
    {
        ArgumentOutOfRangeException.ThrowIfZero(clusters.Count, nameof(clusters));
        var mean = clusters.Sum(c => c.Sum) / clusters.Sum(c => c.Count);
        return clusters.All(c => c.Sum * clusters[0].Count == clusters[0].Sum * c.Count)
            ? Wilson(mean, clusters.Count)
            : Bootstrap(clusters, mean);
    }

    /// <summary><see cref="ClusteredBootstrap"/> of the mean of a figure in [0, 1] that each problem has.</summary>
    internal static Estimate Mean(IEnumerable<double> figures) =>
        ClusteredBootstrap([.. figures.Select(figure => new Cluster(figure, 1))]);

    /// <summary>
    /// The percentile bootstrap of the mean difference of two figures that each problem has: problems are drawn anew
    /// with replacement, and a problem brings both its figures along. Where no problem differs the interval has no
    /// width.
    /// </summary>
    /// <param name="differences">Each problem's figure in one evaluation less that in the other; at least one.</param>
    public static Estimate PairedBootstrap(IReadOnlyList<double> differences)
    {
        ArgumentOutOfRangeException.ThrowIfZero(differences.Count, nameof(differences));
        return Bootstrap([.. differences.Select(d => new Cluster(d, 1))], differences.Average());
    }

    private static Estimate Wilson(double share, int trials)
    {
        if (trials == 0)
        {
            return new Estimate(double.NaN, 0, 1, 0);
        }

        var weight = Z * Z / trials;
        var middle = (share + (weight / 2)) / (1 + weight);
        var half = Math.Sqrt((share * (1 - share) * weight) + (weight * weight / 4)) / (1 + weight);
        // At 0 and 1 the ends are exact; rounding must not put them a hair outside.
        return new Estimate(share, share == 0 ? 0 : middle - half, share == 1 ? 1 : middle + half, trials);
    }

    private static Estimate Bootstrap(IReadOnlyList<Cluster> clusters, double value)
    {
        var means = new double[Resamples];
        Parallel.For(0, Resamples, resample => means[resample] = Mean(clusters, resample));
        Array.Sort(means);
        return new Estimate(value, Quantile(means, 25), Quantile(means, 975), clusters.Count);
    }

    private static double Mean(IReadOnlyList<Cluster> clusters, int resample)
    {
        var random = new CounterRandom(CounterRandom.Hash(BootstrapKey, (ulong)resample));
        var sum = 0.0;
        var count = 0L;
        for (var i = 0; i < clusters.Count; i++)
        {
            var cluster = clusters[random.Below(clusters.Count)];
            sum += cluster.Sum;
            count += cluster.Count;
        }

        return sum / count;
    }

    /// <summary>The smallest mean that at least so many thousandths of the means do not exceed.</summary>
    private static double Quantile(double[] sorted, int thousandths) => sorted[(Resamples * thousandths / 1000) - 1];
}
