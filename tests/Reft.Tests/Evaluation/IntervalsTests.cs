using Reft.Evaluation;

namespace Reft.Tests.Evaluation;

public sealed class IntervalsTests
{
    private const double Z = 1.959963984540054;

    // A probability of 0.025 from 10,000 resamples has a standard error of 0.0016: this is three of them.
    private const double Noise = 0.005;

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0, 30)]
    [InlineData(30, 30)]
    [InlineData(1, 2)]
    [InlineData(7, 30)]
    [InlineData(898, 1319)]
    public void Wilson_Ends_AreTheRootsOfItsEquation(int successes, int trials)
    {
        // (p̂ − p)² = z² p (1 − p) / n as a quadratic in p, by its own formula: a p² + b p + c = 0.
        var share = (double)successes / trials;
        var (a, b, c) = (1 + (Z * Z / trials), -((2 * share) + (Z * Z / trials)), share * share);
        var root = Math.Sqrt((b * b) - (4 * a * c));

        var estimate = Intervals.Wilson(successes, trials);

        Assert.Equal((share, trials), (estimate.Value, estimate.N));
        Assert.Equal((-b - root) / (2 * a), estimate.Low, 1e-12);
        Assert.Equal((-b + root) / (2 * a), estimate.High, 1e-12);
        Assert.InRange(estimate.Value, estimate.Low, estimate.High);
    }

    [Fact]
    public void Wilson_PublishedExample_Agrees()
    {
        // Newcombe (1998), table I, method 3: 81 of 263 gives 0.2553 to 0.3662, 15 of 148 gives 0.0624 to 0.1605,
        // 0 of 20 gives 0 to 0.1611, 1 of 29 gives 0.0061 to 0.1718.
        (int X, int N, double Low, double High)[] table =
            [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611), (1, 29, 0.0061, 0.1718)];

        foreach (var (x, n, low, high) in table)
        {
            var estimate = Intervals.Wilson(x, n);

            Assert.Equal(low, estimate.Low, 5e-5);
            Assert.Equal(high, estimate.High, 5e-5);
        }
    }

    [Fact]
    public void Wilson_NoTrial_IsEverything()
    {
        Assert.Equal(new Estimate(double.NaN, 0, 1, 0), Intervals.Wilson(0, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Intervals.Wilson(3, 2));
    }

    [Theory]
    [InlineData(new[] { 1.0, 0, 0 })]
    [InlineData(new[] { 1.0, -1, 0, 1 })]
    [InlineData(new[] { 0.5, -0.25, 0, 1, 0.75 })]
    [InlineData(new[] { 0.0, 0, 1, 0, 0, -1 })]
    public void PairedBootstrap_AgainstEveryResample_Agrees(double[] differences)
    {
        var exact = Enumerate(differences.Length)
            .Select(draw => draw.Sum(i => differences[i]) / differences.Length).Order().ToArray();

        var estimate = Intervals.PairedBootstrap(differences);

        Assert.Equal((differences.Average(), differences.Length), (estimate.Value, estimate.N));
        CheckQuantile(exact, estimate.Low, 0.025);
        CheckQuantile(exact, estimate.High, 0.975);
    }

    [Fact]
    public void ClusteredBootstrap_AgainstEveryResample_Agrees()
    {
        // Unequal numbers of samples: the figure is the mean over samples, not of means.
        Cluster[] clusters = [new(3, 4), new(0, 2), new(1, 1), new(2, 5), new(4, 4)];
        var exact = Enumerate(clusters.Length)
            .Select(draw => draw.Sum(i => clusters[i].Sum) / draw.Sum(i => clusters[i].Count)).Order().ToArray();

        var estimate = Intervals.ClusteredBootstrap(clusters);

        Assert.Equal((10.0 / 16, 5), (estimate.Value, estimate.N));
        CheckQuantile(exact, estimate.Low, 0.025);
        CheckQuantile(exact, estimate.High, 0.975);
    }

    [Fact]
    public void ClusteredBootstrap_SamplesThatAgree_AddNothing()
    {
        // Four copies of one answer are one observation: the interval must not shrink.
        var right = Enumerable.Range(0, 40).Select(i => i % 5 == 0 ? 1 : 0).ToArray();

        var once = Intervals.ClusteredBootstrap([.. right.Select(r => new Cluster(r, 1))]);
        var four = Intervals.ClusteredBootstrap([.. right.Select(r => new Cluster(4 * r, 4))]);

        Assert.Equal(once, four);
        // A mean of 40 problems at 0.2 has a standard deviation of √(0.2 · 0.8 / 40).
        Assert.Equal(4 * Math.Sqrt(0.2 * 0.8 / 40), four.High - four.Low, 0.03);
    }

    [Fact]
    public void ClusteredBootstrap_NoSpread_IsWilsons()
    {
        var none = Intervals.ClusteredBootstrap([.. Enumerable.Repeat(new Cluster(0, 4), 20)]);
        var half = Intervals.ClusteredBootstrap([new Cluster(1, 2), new Cluster(2, 4)]);

        Assert.Equal(Intervals.Wilson(0, 20), none);
        Assert.Equal(Intervals.Wilson(1, 2), half);
    }

    [Fact]
    public void PairedBootstrap_AgainNoDifference_HasNoWidth() =>
        Assert.Equal(new Estimate(0, 0, 0, 3), Intervals.PairedBootstrap([0, 0, 0]));

    /// <summary>Every draw of n problems out of n, each equally likely.</summary>
    private static IEnumerable<int[]> Enumerate(int n) => Enumerable.Range(0, (int)Math.Pow(n, n))
        .Select(code => Enumerable.Range(0, n).Select(i => code / (int)Math.Pow(n, i) % n).ToArray());

    /// <summary>The value is a quantile of the exact distribution, but for the noise of the resamples.</summary>
    private static void CheckQuantile(double[] sorted, double value, double level)
    {
        var below = sorted.Count(v => v < value - 1e-9) / (double)sorted.Length;
        var upTo = sorted.Count(v => v <= value + 1e-9) / (double)sorted.Length;
        Assert.True(below < upTo, $"{value} is no possible mean");
        Assert.True(below - Noise <= level && level <= upTo + Noise, $"{value} is at {below} to {upTo}, not {level}");
    }
}
