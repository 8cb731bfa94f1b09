using System.Diagnostics;
using Reft.Numerics;
using Reft.Rollouts.Features;

namespace Reft.Tests.Rollouts.Features;

/// <summary>The graph and its modules: by hand, by finite differences, and beside the same stack trained as one.</summary>
public sealed class GraphModulesTests(ITestOutputHelper output)
{
    /// <summary>0 - 1 - 2 on a line and one neighbour each: edges (0, 1) and (1, 2), degrees with themselves 2, 3, 2.</summary>
    [Fact]
    public void Graph_OnALine_IsWorkedOutByHand()
    {
        var graph = GraphModules.Graph.Of([[0], [1], [2.1]], 1);

        Assert.Equal([(0, 1), (1, 2)], graph.Edges);
        var spread = graph.Spread([[6], [12], [18]]);
        Assert.Equal(3 + (12 / Math.Sqrt(6)), spread[0][0], 1e-12);
        Assert.Equal((6 / Math.Sqrt(6)) + 4 + (18 / Math.Sqrt(6)), spread[1][0], 1e-12);
    }

    [Fact]
    public void Gradient_OfABatch_IsThatOfFiniteDifferences()
    {
        var random = new CounterRandom(2);
        var outputs = Normal(random, 4, 3);
        GraphModules.Pair[] pairs = [new(0, 1, true), new(1, 2, false), new(3, 3, false), new(0, 2, true)];

        var gradient = GraphModules.Gradient(i => outputs[i], pairs);

        Check(outputs, () => Loss(outputs, pairs), (i, c) => gradient[i][c]);
    }

    [Fact]
    public void Module_Slopes_AreThoseOfFiniteDifferences()
    {
        var random = new CounterRandom(3);
        var (module, inputs, toward) = (new GraphModules.Module(4, 3, random), Normal(random, 5, 4), Normal(random, 5, 3));

        Check(inputs, Value, (i, c) => module.Back(inputs[i], toward[i])[c]);

        // The weights' gradient: Adam's first step goes against its signs, one rate each.
        var gradient = module.WeightGradient(inputs, toward);
        var before = Value();
        module.Step(gradient, 1e-6);
        Assert.Equal(-1e-6 * gradient.Sum(row => row.Sum(g => Math.Abs(g))), Value() - before, 1e-9);

        double Value() => inputs.Select((row, i) => module.Output(row).Zip(toward[i], (a, b) => a * b).Sum()).Sum();
    }

    [Fact]
    public void Fit_Twice_IsTheSame()
    {
        var (points, _) = Families(1);
        var options = new GraphModulesOptions { Steps = 20 };

        Assert.Equal(GraphModules.Fit(points, options, 5), GraphModules.Fit(points, options, 5));
        Assert.NotEqual(GraphModules.Fit(points, options, 5)[0], GraphModules.Fit(points, options, 6)[0]);
    }

    /// <summary>Six families of points that overlap: which of a point's five nearest are of its family, and the loss over all edges.</summary>
    [Fact]
    public void Fit_Families_AreAsFarApartAsByTrainingTheWhole()
    {
        foreach (var seed in new[] { 1UL, 2UL, 3UL })
        {
            var (points, families) = Families(seed);
            var graph = GraphModules.Graph.Of(points, 10);
            var before = Near(points, families);
            var results = new[] { (true, 0), (false, 0), (false, 3) }.Select(way =>
            {
                var watch = Stopwatch.StartNew();
                var outputs = GraphModules.Fit(points, new() { IsJoint = way.Item1, BackwardPasses = way.Item2 }, seed);
                var seconds = watch.Elapsed.TotalSeconds;
                return (Near: Near(outputs, families), Loss: GraphModules.Loss(outputs, graph, new CounterRandom(1)), Seconds: seconds);
            }).ToArray();
            // For docs/methods.md.
            output.WriteLine(FormattableString.Invariant($"seed {seed}, features {before:0.000}; as one, apart, with backward passes: near, loss, seconds"));
            output.WriteLine(string.Join("; ", results.Select(r => FormattableString.Invariant($"{r.Near:0.000} {r.Loss:0.000} {r.Seconds:0.00}"))));

            Assert.All(results, result => Assert.True(result.Near > before - 0.1));
            Assert.True(results[2].Loss < results[0].Loss + 0.15, $"{results[2].Loss} against {results[0].Loss}");
            Assert.True(results[2].Near > results[0].Near - 0.1);
        }
    }

    private static double Near(double[][] points, int[] families) => points.Select((point, i) => Enumerable.Range(0, points.Length)
        .Where(j => j != i).OrderBy(j => KMeans.Distance(point, points[j])).Take(5).Average(j => families[j] == families[i] ? 1.0 : 0)).Average();

    private static (double[][] Points, int[] Families) Families(ulong seed)
    {
        var random = new CounterRandom(CounterRandom.Hash(seed, "families"));
        var centres = Normal(random, 6, 8);
        int[] families = [.. Enumerable.Range(0, 1200).Select(i => i % 6)];
        return ([.. families.Select(family => centres[family].Select(value => value + (1.2 * random.Normal())).ToArray())], families);
    }

    private static double Loss(double[][] outputs, GraphModules.Pair[] pairs) => pairs.Average(pair =>
    {
        // -log σ(4 a·b), and -log (1 - σ(4 a·b)) = -log σ(-4 a·b), which does not round away where σ is near 1.
        var logit = 4 * outputs[pair.First].Zip(outputs[pair.Second], (a, b) => a * b).Sum() * (pair.IsEdge ? -1 : 1);
        return Math.Max(logit, 0) + double.LogP1(Math.Exp(-Math.Abs(logit)));
    });

    private static void Check(double[][] at, Func<double> value, Func<int, int, double> slope)
    {
        for (var i = 0; i < at.Length; i++)
        {
            for (var c = 0; c < at[i].Length; c++)
            {
                var kept = at[i][c];
                at[i][c] = kept + 1e-5;
                var above = value();
                at[i][c] = kept - 1e-5;
                var below = value();
                at[i][c] = kept;
                Assert.Equal((above - below) / 2e-5, slope(i, c), 1e-7);
            }
        }
    }

    private static double[][] Normal(CounterRandom random, int count, int width) =>
        [.. Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, width).Select(_ => random.Normal()).ToArray())];
}
