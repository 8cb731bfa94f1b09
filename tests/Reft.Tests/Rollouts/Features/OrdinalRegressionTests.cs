using Reft.Numerics;
using Reft.Rollouts.Features;

namespace Reft.Tests.Rollouts.Features;

/// <summary>Ordinal regression against arithmetic and brute force, with and without the cap.</summary>
public sealed class OrdinalRegressionTests(ITestOutputHelper output)
{
    /// <summary>Two points at ±1: b = 0 and <c>½w² + 2C(1 - w)²</c> is least at w = 4C/(1 + 4C).</summary>
    [Theory]
    [InlineData(1, 0.8)]
    [InlineData(0.25, 0.5)]
    public void Fit_TwoPoints_IsTheHandArithmetic(double penalty, double weight)
    {
        var model = OrdinalRegression.Fit([[-1], [1]], [0, 1], 2, new() { Penalty = penalty, Cap = null });

        Assert.Equal(weight, Assert.Single(model.Weights), 1e-9);
        Assert.Equal(0, Assert.Single(model.Thresholds), 1e-9);
        Assert.Equal((0.5 * weight * weight) + (2 * penalty * (1 - weight) * (1 - weight)), model.Objectives[^1], 1e-9);
        Assert.Equal([0, 1], new[] { model.Level([-0.1]), model.Level([0.1]) });
    }

    /// <summary>Without a cap the problem is convex: a search over ever smaller steps from zero, that knows nothing of slopes, ends at the same value.</summary>
    [Fact]
    public void Fit_Uncapped_IsTheMinimumOfADirectSearch()
    {
        for (var seed = 0; seed < 5; seed++)
        {
            var (points, levels) = Sample((ulong)seed, 14, 2, 3, wrong: 0.2);

            var model = OrdinalRegression.Fit(points, levels, 3, new() { Cap = null });

            Assert.Equal(Objective(model, points, levels, 2, double.PositiveInfinity), model.Objectives[^1], 1e-9);
            Assert.Equal(Search(points, levels, 3), model.Objectives[^1], 1e-5);
        }
    }

    /// <summary>
    /// The capped minimum is the least, over all choices of outliers, of the uncapped minimum of the rest and ε for each outlier. No fit is below it, and most reach it.
    /// </summary>
    [Fact]
    public void Fit_Capped_IsNotBelowBruteForceAndMostlyThere()
    {
        var reached = 0;
        for (var seed = 0; seed < 20; seed++)
        {
            var (points, levels) = Sample((ulong)seed, 9, 1, 3, wrong: 0.15);
            var least = Enumerable.Range(1, 511).Min(kept =>
            {
                int[] rows = [.. Enumerable.Range(0, 9).Where(i => ((kept >> i) & 1) == 1)];
                return OrdinalRegression.Fit([.. rows.Select(i => points[i])], [.. rows.Select(i => levels[i])], 3, new() { Cap = null }).Objectives[^1]
                    + (4.0 * (9 - rows.Length));
            });

            var model = OrdinalRegression.Fit(points, levels, 3, new() { Cap = 4 });

            Assert.True(model.Objectives[^1] >= least - 1e-7, $"{model.Objectives[^1]} is below {least}");
            reached += model.Objectives[^1] <= least + 1e-6 ? 1 : 0;
        }

        output.WriteLine($"{reached} of 20 fits are the global minimum");
        Assert.True(reached >= 8, $"{reached} of 20");
    }

    [Theory]
    [InlineData(2, 4)]
    [InlineData(1, 2)]
    [InlineData(0.5, 1.5)]
    [InlineData(1, double.PositiveInfinity)]
    public void Fit_Rounds_NeverRaiseTheObjective(double power, double cap)
    {
        for (var seed = 0; seed < 10; seed++)
        {
            var (points, levels) = Sample((ulong)seed, 60, 3, 4, wrong: 0.25);

            var model = OrdinalRegression.Fit(points, levels, 4, new() { Power = power, Cap = double.IsFinite(cap) ? cap : null });

            Assert.All(model.Objectives.Zip(model.Objectives.Skip(1)), pair => Assert.True(pair.Second <= pair.First + 1e-9, $"{pair.First} to {pair.Second}"));
            Assert.Equal(Objective(model, points, levels, power, cap), model.Objectives[^1], 60 * Math.Pow(1e-9, power / 2)); // What rounding its corner may change of 60 costs.
            Assert.Equal(double.IsFinite(cap), model.Counted.Contains(0));
        }
    }

    /// <summary>Of 300 examples a share has another level than the right one: levels of 1,000 further points, right in per cent, with and without the cap.</summary>
    [Fact]
    public void Fit_WrongLabels_HurtWithoutTheCap()
    {
        foreach (var wrong in new[] { 0, 0.1, 0.2, 0.3 })
        {
            var pairs = Enumerable.Range(0, 5).Select(seed => (Capped: Right((ulong)seed, wrong, 4), Plain: Right((ulong)seed, wrong, null))).ToArray();
            output.WriteLine(FormattableString.Invariant(
                $"{wrong:P0} wrong: capped {string.Join(' ', pairs.Select(p => $"{p.Capped:0.0}"))}, plain {string.Join(' ', pairs.Select(p => $"{p.Plain:0.0}"))}"));
            if (wrong >= 0.2)
            {
                Assert.True(pairs.Average(p => p.Capped) > pairs.Average(p => p.Plain));
            }
        }
    }

    [Fact]
    public void Cholesky_Solve_GivesBackTheRightSide()
    {
        double[][] matrix = [[4, 2, 1], [2, 5, 3], [1, 3, 6]];
        double[] x = [1, -2, 3];

        var solved = OrdinalRegression.Cholesky(matrix, [.. matrix.Select(row => row.Zip(x, (a, b) => a * b).Sum())]);

        Assert.All(x.Zip(solved), pair => Assert.Equal(pair.First, pair.Second, 1e-12));
    }

    private static double Right(ulong seed, double wrong, double? cap)
    {
        var (points, levels) = Sample(seed, 300, 6, 5, wrong);
        var model = OrdinalRegression.Fit(points, levels, 5, new() { Cap = cap });
        var (tested, truth) = Sample(seed, 1000, 6, 5, wrong: 0, skip: 300);
        return 100 * tested.Zip(truth, (point, level) => model.Level(point) == level ? 1.0 : 0).Average();
    }

    /// <summary>Normal points; the level counts how many of evenly spaced cuts a fixed direction is above; a wrong one is another level, each alike.</summary>
    private static (double[][] Points, int[] Levels) Sample(ulong seed, int count, int width, int levels, double wrong, int skip = 0)
    {
        var direction = new CounterRandom(CounterRandom.Hash(seed, "direction"));
        var truth = Enumerable.Range(0, width).Select(_ => direction.Normal()).ToArray();
        var length = Math.Sqrt(truth.Sum(value => value * value));
        var rows = Enumerable.Range(skip, count).Select(i =>
        {
            var random = new CounterRandom(CounterRandom.Hash(seed, (ulong)i));
            double[] point = [.. Enumerable.Range(0, width).Select(_ => 3 * random.Normal())];
            var score = point.Zip(truth, (a, b) => a * b).Sum() / length;
            var level = Enumerable.Range(1, levels - 1).Count(j => score > 3.0 * (j - (levels / 2.0)));
            return (point, random.Chance(wrong) ? (level + random.Between(1, levels - 1)) % levels : level);
        }).ToArray();
        return ([.. rows.Select(row => row.point)], [.. rows.Select(row => row.Item2)]);
    }

    private static double Objective(OrdinalRegression model, double[][] points, int[] levels, double power, double cap) =>
        Objective([.. model.Weights, .. model.Thresholds], points, levels, power, cap);

    /// <summary>½‖w‖² + Σ min(‖ξ‖^p, ε), written out, with the little that holds the thresholds.</summary>
    private static double Objective(double[] at, double[][] points, int[] levels, double power, double cap)
    {
        var width = points[0].Length;
        var sum = 0.5 * (at[..width].Sum(w => w * w) + (1e-8 * at[width..].Sum(b => b * b)));
        for (var i = 0; i < points.Length; i++)
        {
            var score = points[i].Zip(at, (x, w) => x * w).Sum();
            var violations = at[width..].Select((b, j) => Math.Max(0, 1 - ((levels[i] > j ? 1 : -1) * (score - b))));
            sum += Math.Min(Math.Pow(Math.Sqrt(violations.Sum(v => v * v)), power), cap);
        }

        return sum;
    }

    private static double Search(double[][] points, int[] levels, int count)
    {
        var at = new double[points[0].Length + count - 1];
        var (value, random) = (Objective(at, points, levels, 2, double.PositiveInfinity), new CounterRandom(9));
        for (var size = 1.0; size > 1e-6; size *= 0.8)
        {
            for (var i = 0; i < 400; i++)
            {
                var next = at.Select(a => a + (size * random.Normal())).ToArray();
                if (Objective(next, points, levels, 2, double.PositiveInfinity) is var lower && lower < value)
                {
                    (at, value) = (next, lower);
                }
            }
        }

        return value;
    }
}
