using Reft.Numerics;

namespace Reft.Evaluation;

/// <summary>What was drawn as one: the samples of a problem, or of a group of problems that are not independent.</summary>
/// <param name="Sum">The sum of their values: how many are right.</param>
/// <param name="Count">How many there are, at least 1.</param>
internal sealed record Cluster(double Sum, int Count);

/// <summary>
/// 95% intervals of figures that rest on a set of problems; docs/evaluation.md says when to use which. They count the
/// groups of problems as a draw from more of their kind. Another training run is another matter: <see cref="SeedSpread"/>.
/// </summary>
internal static class Intervals
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
        return Wilson((double)successes / trials, (double)trials);
    }

    /// <summary>
    /// Wilson's interval where trials come in groups: n is the number of independent trials that would vary as much,
    /// <c>p̂(1−p̂) (Σ c_g)² / Σ_g (s_g − p̂ c_g)²</c> (the design effect of a ratio, <see href="https://doi.org/10.2307/1403323"/>), never
    /// more than the trials. With one trial a group it is Wilson's own, and so it is where all trials of a group end alike and the groups
    /// are of one size. Where nothing varies n is the number of groups.
    /// </summary>
    /// <param name="groups">How many trials of each group succeeded.</param>
    public static Estimate Wilson(IReadOnlyList<Cluster> groups)
    {
        ArgumentNullException.ThrowIfNull(groups);
        double trials = groups.Sum(g => (long)g.Count);
        var share = groups.Sum(g => g.Sum) / trials;
        var spread = groups.Sum(g => Math.Pow(g.Sum - (share * g.Count), 2)) / (trials * trials);
        return groups.All(g => g.Count == 1)
            ? Wilson(share, trials)
            : Wilson(share, spread == 0 ? groups.Count : Math.Clamp(share * (1 - share) / spread, 1, trials)) with { N = groups.Count };
    }

    /// <summary>
    /// The percentile bootstrap (<see href="https://doi.org/10.1214/aos/1176344552"/>) of a mean over samples that
    /// come in clusters: clusters are drawn anew with replacement, each with all its samples. Where all clusters
    /// have one and the same mean the bootstrap sees no spread; the interval is then Wilson's with one trial a cluster,
    /// so the values must lie in [0, 1].
    /// </summary>
    /// <param name="clusters">The problems, or the groups of problems; at least one.</param>
    public static Estimate ClusteredBootstrap(IReadOnlyList<Cluster> clusters) => ClusteredBootstrap(clusters, Resamples);

    /// <summary>As the public one, with so many resamples: a test of its coverage needs fewer.</summary>
    internal static Estimate ClusteredBootstrap(IReadOnlyList<Cluster> clusters, int resamples)
    {
        ArgumentOutOfRangeException.ThrowIfZero(clusters.Count, nameof(clusters));
        var mean = clusters.Sum(c => c.Sum) / clusters.Sum(c => c.Count);
        return clusters.All(c => c.Sum * clusters[0].Count == clusters[0].Sum * c.Count)
            ? Wilson(mean, clusters.Count)
            : Bootstrap(clusters, mean, resamples);
    }

    /// <summary><see cref="ClusteredBootstrap(IReadOnlyList{Cluster})"/> of the mean of a figure in [0, 1] that each problem has.</summary>
    /// <param name="figures">The figures.</param>
    /// <param name="groups">The group of each problem.</param>
    internal static Estimate Mean(IEnumerable<double> figures, IReadOnlyList<string> groups) =>
        ClusteredBootstrap(Clusters([.. figures], groups));

    /// <summary>The clusters of figures that each problem has one of, in the order of the groups' first problems.</summary>
    /// <param name="figures">The figures.</param>
    /// <param name="groups">The group of each, as many.</param>
    internal static IReadOnlyList<Cluster> Clusters(IReadOnlyList<double> figures, IReadOnlyList<string> groups)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(groups.Count, figures.Count, nameof(groups));
        return
        [
            .. figures.Zip(groups).GroupBy(pair => pair.Second, StringComparer.Ordinal)
                .Select(group => new Cluster(group.Sum(pair => pair.First), group.Count())),
        ];
    }

    /// <summary>
    /// The percentile bootstrap of the mean difference of two figures that each problem has: groups of problems are drawn anew
    /// with replacement, and a problem brings both its figures along. Where no problem differs the interval has no
    /// width.
    /// </summary>
    /// <param name="differences">Each problem's figure in one evaluation less that in the other; at least one.</param>
    /// <param name="groups">The group of each problem, as many.</param>
    public static Estimate PairedBootstrap(IReadOnlyList<double> differences, IReadOnlyList<string> groups)
    {
        ArgumentOutOfRangeException.ThrowIfZero(differences.Count, nameof(differences));
        return Bootstrap(Clusters(differences, groups), differences.Average());
    }

    /// <summary>
    /// The interval of a mean difference over runs and problems together. Runs (seeds) and groups of problems are crossed random
    /// effects: <c>SE² = s²/S + b²/G − r²/(S·G)</c>, with s² the variance between runs' means, b² between groups' and r² of what is left
    /// (<see href="https://doi.org/10.2307/3002019"/>), and Student's t at Satterthwaite's degrees of freedom. With one run nothing is
    /// known of another, and there is no interval: null.
    /// </summary>
    /// <param name="differences">Of each run the difference of every problem [S][P].</param>
    /// <param name="groups">The group of each problem [P].</param>
    public static Estimate? SeedsAndProblems(IReadOnlyList<IReadOnlyList<double>> differences, IReadOnlyList<string> groups)
    {
        ArgumentOutOfRangeException.ThrowIfZero(differences.Count, nameof(differences));
        Cluster[][] runs = [.. differences.Select(run => Clusters(run, groups).ToArray())];
        var (s, g) = (runs.Length, runs[0].Length);
        var mean = differences.Average(run => run.Average());
        if (s < 2 || g < 2)
        {
            return null;
        }

        // A group's part of the mean, scaled so that the mean over groups is the mean over problems.
        var scale = (double)g / groups.Count;
        double[][] parts = [.. runs.Select(run => run.Select(c => ((c.Sum - (mean * c.Count)) * scale) + mean).ToArray())];
        double[] byRun = [.. parts.Select(run => run.Average())];
        double[] byGroup = [.. Enumerable.Range(0, g).Select(i => parts.Average(run => run[i]))];
        var ofRuns = byRun.Sum(m => Math.Pow(m - mean, 2)) / (s - 1) / s;
        var ofGroups = byGroup.Sum(m => Math.Pow(m - mean, 2)) / (g - 1) / g;
        var left = parts.Select((run, r) => run.Select((x, i) => Math.Pow(x - byRun[r] - byGroup[i] + mean, 2)).Sum()).Sum()
            / ((s - 1.0) * (g - 1)) / ((double)s * g);
        var variance = Math.Max(ofRuns + ofGroups - left, Math.Max(ofRuns, ofGroups));
        var freedom = variance * variance / ((ofRuns * ofRuns / (s - 1)) + (ofGroups * ofGroups / (g - 1)));
        var half = variance == 0 ? 0 : SeedSpread.StudentQuantile(Math.Max(1, (int)Math.Min(freedom, 1000))) * Math.Sqrt(variance);
        return new Estimate(mean, mean - half, mean + half, g);
    }

    private static Estimate Wilson(double share, double trials)
    {
        if (trials == 0)
        {
            return new Estimate(double.NaN, 0, 1, 0);
        }

        var weight = Z * Z / trials;
        var middle = (share + (weight / 2)) / (1 + weight);
        var half = Math.Sqrt((share * (1 - share) * weight) + (weight * weight / 4)) / (1 + weight);
        // At 0 and 1 the ends are exact; rounding must not put them a hair outside.
        return new Estimate(share, share == 0 ? 0 : middle - half, share == 1 ? 1 : middle + half, (int)trials);
    }

    private static Estimate Bootstrap(IReadOnlyList<Cluster> clusters, double value, int resamples = Resamples)
    {
        var means = new double[resamples];
        Parallel.For(0, resamples, resample => means[resample] = Mean(clusters, resample));
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
    private static double Quantile(double[] sorted, int thousandths) => sorted[(sorted.Length * thousandths / 1000) - 1];
}
