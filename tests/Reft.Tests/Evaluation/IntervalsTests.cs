using Reft.Evaluation;

namespace Reft.Tests.Evaluation;

public sealed class IntervalsTests
{
    private const double Z = 1.959963984540054;

    // A probability of 0.025 from 10,000 resamples has a standard error of 0.0016: this is three of them.
    private const double Noise = 0.005;

    private const double MeanShare = 0.5;

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

        var estimate = Intervals.PairedBootstrap(differences, Apart(differences.Length));

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
        Assert.Equal(new Estimate(0, 0, 0, 3), Intervals.PairedBootstrap([0, 0, 0], Apart(3)));

    [Theory]
    [InlineData(2)]
    [InlineData(7)]
    public void Wilson_EveryProblemCloned_StaysWhereItWas(int clones)
    {
        Cluster[] groups = [.. Enumerable.Range(0, 200).Select(i => new Cluster(i % 3 == 0 ? clones : 0, clones))];
        var once = Intervals.Wilson(67, 200);

        var cloned = Intervals.Wilson(groups);

        Assert.Equal((once.Value, once.N), (cloned.Value, cloned.N));
        Assert.Equal(once.Low, cloned.Low, 1e-12);
        Assert.Equal(once.High, cloned.High, 1e-12);
    }

    [Fact]
    public void Wilson_GroupsOfNoSpread_CountAsOneTrialEach()
    {
        var once = Intervals.Wilson(30, 30);

        Assert.Equal(once, Intervals.Wilson([.. Enumerable.Range(1, 30).Select(i => new Cluster(i, i))]));
        Assert.Equal(Intervals.Wilson(10, 30), Intervals.Wilson([.. Enumerable.Range(0, 30).Select(i => new Cluster(i % 3 == 0 ? 1 : 0, 1))]));
    }

    [Fact]
    public void Wilson_GroupsThatHalveTheirTrials_NeverRestOnMoreThanTheTrials() =>
        // Every pair has one right: no spread at all between groups, and 40 trials are 40 trials.
        Assert.Equal(20, Intervals.Wilson([.. Enumerable.Repeat(new Cluster(1, 2), 20)]).N);

    [Fact]
    public void PairedBootstrap_EveryProblemCloned_StaysWhereItWas()
    {
        double[] differences = [.. Enumerable.Range(0, 90).Select(i => (i % 3) - 0.5)];
        string[] groups = [.. Enumerable.Range(0, 90).Select(i => $"{i}")];

        var once = Intervals.PairedBootstrap(differences, groups);
        var cloned = Intervals.PairedBootstrap([.. differences, .. differences, .. differences], [.. groups, .. groups, .. groups]);

        Assert.Equal(once.Value, cloned.Value, 1e-12);
        Assert.Equal(once.Low, cloned.Low, 1e-12);
        Assert.Equal(once.High, cloned.High, 1e-12);
        Assert.Equal(90, cloned.N);
    }

    // 4,000 sets of 300 groups of 1 to 8 problems, whose accuracy varies from group to group: 95 ± 1 % is three standard errors.
    [Fact]
    public void Wilson_GroupedTrials_CoversTheTruth()
    {
        var random = new Random(5);
        var covered = 0;
        for (var set = 0; set < 4000; set++)
        {
            var groups = new Cluster[300];
            for (var g = 0; g < groups.Length; g++)
            {
                var (share, count) = (Share(random), 1 + (int)(8 * random.NextDouble() * random.NextDouble()));
                groups[g] = new Cluster(Enumerable.Range(0, count).Count(_ => random.NextDouble() < share), count);
            }

            var estimate = Intervals.Wilson(groups);
            covered += estimate.Low <= MeanShare && MeanShare <= estimate.High ? 1 : 0;
        }

        Assert.InRange(covered / 4000.0, 0.94, 0.96);
    }

    // 2,500 sets of 120 groups: 95 ± 1 % is 2.3 standard errors.
    [Fact]
    public void ClusteredBootstrap_GroupedTrials_CoversTheTruth()
    {
        var random = new Random(6);
        var covered = 0;
        for (var set = 0; set < 2500; set++)
        {
            Cluster[] groups = [.. Enumerable.Range(0, 120).Select(_ =>
            {
                var (share, count) = (Share(random), 1 + random.Next(4));
                return new Cluster(Enumerable.Range(0, count).Count(_ => random.NextDouble() < share), count);
            })];

            var estimate = Intervals.ClusteredBootstrap(groups, resamples: 1000);
            covered += estimate.Low <= MeanShare && MeanShare <= estimate.High ? 1 : 0;
        }

        Assert.InRange(covered / 2500.0, 0.94, 0.96);
    }

    [Fact]
    public void SeedsAndProblems_TwoRunsOfTwoProblems_ByHand()
    {
        // Means of runs 2 and 4, of problems 1 and 5; grand 3; nothing is left of {0,4},{2,6} beyond them.
        // SE² = (1+1)/1/2 + (4+4)/1/2 = 1 + 4; freedom 25 / (1/1 + 16/1) = 1.47, so t of 1.
        var estimate = Intervals.SeedsAndProblems([[0.0, 4], [2, 6]], ["a", "b"])!;

        Assert.Equal((3.0, 2), (estimate.Value, estimate.N));
        Assert.Equal(12.706204736 * Math.Sqrt(5), (estimate.High - estimate.Low) / 2, 1e-6);
        Assert.Null(Intervals.SeedsAndProblems([[0.0, 4]], ["a", "b"]));
    }

    [Fact]
    public void SeedsAndProblems_EveryProblemCloned_StaysWhereItWas()
    {
        double[][] runs = [[0.1, -0.2, 0.4, 0.3], [0.2, 0.1, 0.6, 0.0], [0.0, -0.1, 0.2, 0.5]];
        string[] groups = ["a", "b", "c", "d"];

        var once = Intervals.SeedsAndProblems(runs, groups)!;
        var cloned = Intervals.SeedsAndProblems([.. runs.Select(run => run.Concat(run).ToArray())], [.. groups, .. groups])!;

        Assert.Equal(once.Low, cloned.Low, 1e-12);
        Assert.Equal(once.High, cloned.High, 1e-12);
    }

    // Seeds and problems both vary, and what is left too; 4,000 comparisons. Too wide is no fault where seeds are few.
    [Theory]
    [InlineData(3, 0.03, 0.3)]
    [InlineData(5, 0.03, 0.3)]
    [InlineData(5, 0.06, 0.1)]
    [InlineData(3, 0.0, 0.5)]
    public void SeedsAndProblems_CrossedEffects_CoversTheTruth(int seeds, double ofSeeds, double ofProblems)
    {
        const int Problems = 100;
        var random = new Random(7);
        string[] groups = Apart(Problems);
        var covered = 0;
        for (var set = 0; set < 4000; set++)
        {
            double[] problems = [.. Enumerable.Range(0, Problems).Select(_ => ofProblems * Normal(random))];
            var runs = new double[seeds][];
            for (var s = 0; s < seeds; s++)
            {
                var seed = ofSeeds * Normal(random);
                runs[s] = [.. problems.Select(problem => 0.1 + seed + problem + (0.3 * Normal(random)))];
            }

            var estimate = Intervals.SeedsAndProblems(runs, groups)!;
            covered += estimate.Low <= 0.1 && 0.1 <= estimate.High ? 1 : 0;
        }

        Assert.InRange(covered / 4000.0, 0.94, 0.985);
    }

    /// <summary>A group's own accuracy, of mean <see cref="MeanShare"/>: many are nearly always or nearly never right.</summary>
    private static double Share(Random random)
    {
        var u = random.NextDouble();
        return u * u * (3 - (2 * u));
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static string[] Apart(int problems) => [.. Enumerable.Range(0, problems).Select(i => $"{i}")];

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
