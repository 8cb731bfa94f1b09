using Reft.Numerics;
using Reft.Problems;
using Reft.Rollouts.Features;

namespace Reft.Tests.Rollouts.Features;

/// <summary>Components against what defines them, k-means against brute force.</summary>
public sealed class ClusteringTests
{
    [Fact]
    public void Eigen_RandomMatrix_IsAVectorTimesItsValue()
    {
        var random = new CounterRandom(3);
        var half = Points(random, 12, 12);
        var matrix = half.Select((row, r) => row.Select((value, c) => value + half[c][r]).ToArray()).ToArray();

        var (values, vectors) = PrincipalComponents.Eigen(matrix);

        for (var k = 0; k < 12; k++)
        {
            for (var r = 0; r < 12; r++)
            {
                Assert.Equal(values[k] * vectors[r][k], Enumerable.Range(0, 12).Sum(c => matrix[r][c] * vectors[c][k]), 1e-11);
            }

            for (var other = 0; other <= k; other++)
            {
                Assert.Equal(other == k ? 1 : 0, Enumerable.Range(0, 12).Sum(r => vectors[r][k] * vectors[r][other]), 1e-12);
            }
        }
    }

    /// <summary>Points on a line through three dimensions have one component, whose distances are theirs divided by the deviation.</summary>
    [Fact]
    public void Components_OfALine_AreItsCoordinate()
    {
        double[] places = [-3, -1, 1, 3];
        var points = places.Select(x => new[] { 5 + (2 * x), 7 - (3 * x), 6 * x }).ToArray(); // 2² + 3² + 6² = 7².

        var components = PrincipalComponents.Of(points, 3);

        Assert.All(places.Zip(components), pair => Assert.Equal(pair.First / Math.Sqrt(5), Assert.Single(pair.Second), 1e-12));
    }

    [Fact]
    public void Components_All_KeepDistances()
    {
        var points = Points(new CounterRandom(5), 9, 4);

        var components = PrincipalComponents.Of(points, 9);

        var scale = KMeans.Distance(points[0], points[1]) / KMeans.Distance(components[0], components[1]);
        Assert.All(Enumerable.Range(1, 8), i => Assert.Equal(KMeans.Distance(points[0], points[i]), scale * KMeans.Distance(components[0], components[i]), 1e-10));
        Assert.Equal(1, components.Sum(row => row.Sum(value => value * value)) / 9, 1e-12); // A total variance of 1.
    }

    [Fact]
    public void Components_OfOnePoint_AreNone() => Assert.All(PrincipalComponents.Of([[1, 2], [1, 2]], 2), Assert.Empty);

    /// <summary>Of 40 seeds the best clusters are those of brute force over all 3^9 assignments, and no seed's errors ever rise.</summary>
    [Fact]
    public void KMeans_SmallSet_ReachesBruteForce()
    {
        var points = Points(new CounterRandom(7), 9, 2);
        var least = Enumerable.Range(0, 19683).Min(code => Error(points, [.. Enumerable.Range(0, 9).Select(i => code / (int)Math.Pow(3, i) % 3)]));

        var found = Enumerable.Range(0, 40).Select(seed => KMeans.Fit(points, 3, new CounterRandom((ulong)seed))).ToArray();

        Assert.All(found, means => Assert.True(means.Errors[^1] > least - 1e-12));
        Assert.Equal(least, found.Min(means => means.Errors[^1]), 1e-12);
        foreach (var means in found)
        {
            Assert.Equal(Error(points, means.Of), means.Errors[^1], 1e-12);
            Assert.All(means.Errors.Zip(means.Errors.Skip(1)), pair => Assert.True(pair.Second <= pair.First + 1e-12));
            // A fixed point: everyone is where the nearest centre is.
            Assert.All(points.Index(), pair => Assert.Equal(
                means.Centres.Min(centre => KMeans.Distance(pair.Item, centre)), KMeans.Distance(pair.Item, means.Centres[means.Of[pair.Index]]), 1e-12));
        }
    }

    [Fact]
    public void KMeans_FewerDifferentPoints_MakesFewerClusters()
    {
        var means = KMeans.Fit([[0, 0], [1, 1], [0, 0]], 5, new CounterRandom(1));

        Assert.Equal(2, means.Centres.Length);
        Assert.Equal(means.Of[0], means.Of[2]);
        Assert.NotEqual(means.Of[0], means.Of[1]);
    }

    /// <summary>On a line from the one next to the centre (2): 9 is farthest; of 0, 3 and 7 the gaps to 2 and 9 are 2, 1 and 2, and the first is taken.</summary>
    [Fact]
    public void Spread_OnALine_TakesTheFarthest()
    {
        double[][] points = [[0], [2], [3], [7], [9], [100]];

        Assert.Equal([1, 4, 0], KMeans.Spread(points, [0, 1, 2, 3, 4], [2.1], 3));
        Assert.Equal([2, 3], KMeans.Spread(points, [2, 3], [0], 3));
    }

    /// <summary>Characters, words, lines, numbers, digits, signs, longest number.</summary>
    [Fact]
    public void Structure_OfAQuestion_IsCounted() => Assert.Equal(
        new[] { 20, 3, 1, 2, 3, 2, 2 }.Select(count => Math.Log(1 + count)), TextFeatures.Structure("Tom has 12 pens,\n7 ."));

    [Fact]
    public void TextFeatures_OtherNumbers_AreTheSame()
    {
        var features = TextFeatures.Of([Asks("Tom has 12 pens."), Asks("Tom has 34 pens."), Asks("Ann lost 5 of 9 books.")]);

        Assert.Equal(features[0], features[1]);
        Assert.NotEqual(features[0], features[2]);
        // Columns of the structure have mean 0; words are of length 1, or 0 where all have them.
        Assert.All(Enumerable.Range(0, 7), c => Assert.Equal(0, features.Sum(row => row[c]), 1e-12));
        Assert.All(features, row => Assert.Equal(1, row[7..].Sum(value => value * value), 1e-12));
    }

    private static Problem Asks(string question) => new(question, question, "1");

    private static double[][] Points(CounterRandom random, int count, int width) =>
        [.. Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, width).Select(_ => random.NextDouble()).ToArray())];

    private static double Error(double[][] points, int[] of) => points.Select((point, i) => (point, of[i])).GroupBy(pair => pair.Item2).Sum(group =>
    {
        var mean = Enumerable.Range(0, point(group.First()).Length).Select(c => group.Average(pair => pair.point[c])).ToArray();
        return group.Sum(pair => KMeans.Distance(pair.point, mean));

        static double[] point((double[], int) pair) => pair.Item1;
    });
}
