using Reft.Numerics;

namespace Reft.Rollouts.Features;

/// <summary>Clusters by Lloyd's algorithm from seeds of k-means++ (Arthur and Vassilvitskii 2007): a fixed point, not only a last round.</summary>
/// <param name="Of">The cluster of every point, in [0, clusters).</param>
/// <param name="Centres">The clusters' means.</param>
/// <param name="Errors">The sum of squared distances to the centres after every round; it never rises.</param>
internal sealed record KMeans(int[] Of, double[][] Centres, IReadOnlyList<double> Errors)
{
    private const int MostRounds = 1000;

    /// <summary>Finds the clusters.</summary>
    /// <param name="points">Points [N, D].</param>
    /// <param name="most">The most clusters; fewer where fewer points differ.</param>
    /// <param name="random">Draws the seeds.</param>
    public static KMeans Fit(double[][] points, int most, CounterRandom random)
    {
        var centres = Seeds(points, most, random);
        var (of, errors) = (new int[points.Length], new List<double>());
        for (var round = 0; round < MostRounds; round++)
        {
            int[] nearest = [.. points.Select(point => Nearest(point, centres))];
            Fill(points, nearest, centres);
            var isSame = round > 0 && nearest.SequenceEqual(of);
            of = nearest;
            if (isSame)
            {
                break;
            }

            centres = [.. centres.Select((_, k) => Mean(points, of, k))];
            errors.Add(points.Select((point, i) => Distance(point, centres[of[i]])).Sum());
        }

        return new KMeans(of, centres, errors);
    }

    /// <summary>
    /// Members that are far from one another: the one nearest to the centre, then again and again the one that is farthest from all that were taken.
    /// </summary>
    /// <param name="points">All points.</param>
    /// <param name="members">The places of a cluster's points.</param>
    /// <param name="centre">The cluster's mean.</param>
    /// <param name="most">How many to take.</param>
    public static int[] Spread(double[][] points, IReadOnlyList<int> members, double[] centre, int most)
    {
        if (members.Count <= most)
        {
            return [.. members];
        }

        var taken = new List<int> { members.MinBy(i => Distance(points[i], centre)) };
        var gaps = members.ToDictionary(i => i, i => Distance(points[i], points[taken[0]]));
        while (taken.Count < most)
        {
            var left = members.Where(i => !taken.Contains(i));
            var next = left.MaxBy(i => gaps[i]);
            taken.Add(next);
            foreach (var i in members)
            {
                gaps[i] = Math.Min(gaps[i], Distance(points[i], points[next]));
            }
        }

        return [.. taken];
    }

    /// <summary>The squared distance of two points.</summary>
    internal static double Distance(double[] first, double[] second)
    {
        var sum = 0.0;
        for (var c = 0; c < first.Length; c++)
        {
            sum += (first[c] - second[c]) * (first[c] - second[c]);
        }

        return sum;
    }

    private static double[][] Seeds(double[][] points, int most, CounterRandom random)
    {
        var seeds = new List<double[]> { points[random.Below(points.Length)] };
        var gaps = points.Select(point => Distance(point, seeds[0])).ToArray();
        while (seeds.Count < most && gaps.Sum() is > 0 and var total)
        {
            var (target, sum) = (random.NextDouble() * total, 0.0);
            var next = Array.FindIndex(gaps, gap => gap > 0 && (sum += gap) > target);
            // Rounding may put the target behind the last one.
            seeds.Add(points[next < 0 ? Array.FindLastIndex(gaps, gap => gap > 0) : next]);
            gaps = [.. gaps.Select((gap, i) => Math.Min(gap, Distance(points[i], seeds[^1])))];
        }

        return [.. seeds];
    }

    private static int Nearest(double[] point, double[][] centres)
    {
        var (best, least) = (0, double.PositiveInfinity);
        for (var k = 0; k < centres.Length; k++)
        {
            if (Distance(point, centres[k]) is var distance && distance < least)
            {
                (best, least) = (k, distance);
            }
        }

        return best;
    }

    /// <summary>A cluster that lost all its points takes the one that is farthest from its centre, of a cluster that keeps others.</summary>
    private static void Fill(double[][] points, int[] of, double[][] centres)
    {
        for (var k = 0; k < centres.Length; k++)
        {
            if (!of.Contains(k))
            {
                var sizes = of.CountBy(cluster => cluster).ToDictionary();
                of[Enumerable.Range(0, points.Length).Where(i => sizes[of[i]] > 1).MaxBy(i => Distance(points[i], centres[of[i]]))] = k;
            }
        }
    }

    private static double[] Mean(double[][] points, int[] of, int cluster)
    {
        var (sum, count) = (new double[points[0].Length], 0);
        for (var i = 0; i < points.Length; i++)
        {
            if (of[i] == cluster)
            {
                count++;
                for (var c = 0; c < sum.Length; c++)
                {
                    sum[c] += points[i][c];
                }
            }
        }

        return [.. sum.Select(value => value / count)];
    }
}
