using Reft.Answers;
using Reft.Numerics;

namespace Reft.Tests.Answers;

/// <summary>Edit distances and ways against every way written out.</summary>
public sealed class EditPathsTests
{
    [Theory]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("", "abc", 3)]
    [InlineData("abc", "", 3)]
    [InlineData("", "", 0)]
    [InlineData("abc", "abc", 0)]
    [InlineData("flaw", "lawn", 2)]
    [InlineData("ab", "ba", 2)]
    public void Distance_KnownPairs_IsLevenshteins(string source, string target, int expected) =>
        Assert.Equal(expected, EditPaths.Distance([.. source], [.. target]));

    [Fact]
    public void Distance_RandomPairs_IsTheShortestOfAllWays()
    {
        var random = new CounterRandom(7);
        for (var i = 0; i < 60; i++)
        {
            var (source, target) = (Word(random), Word(random));

            var shortest = Ways(source, target).Min(way => way.Count(step => step.Kind != EditKind.Keep));

            Assert.Equal(shortest, EditPaths.Distance(source, target));
        }
    }

    /// <summary>Every way's share of draws is its weight over the sum of all, and that sum is what is given.</summary>
    [Fact]
    public void Sample_ManyDraws_HasThePosteriorOfAllWays()
    {
        char[] source = ['a', 'b', 'a'];
        char[] target = ['b', 'b'];
        var ways = Ways(source, target);
        var weights = ways.Select(way => Math.Exp(way.Sum(Weight))).ToArray();
        var random = new CounterRandom(3);
        const int Draws = 20_000;
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        var logSum = 0.0;

        for (var i = 0; i < Draws; i++)
        {
            var way = EditPaths.Sample(source, target, Weight, random.NextDouble, out logSum);
            counts[Name(way)] = counts.GetValueOrDefault(Name(way)) + 1;
            Assert.Equal(target, EditPaths.Apply(source, target, way, int.MaxValue));
            Assert.Equal(source, EditPaths.Apply(source, target, way, 0));
        }

        Assert.Equal(Math.Log(weights.Sum()), logSum, 1e-12);
        Assert.True(ways.Count > 20);
        Assert.Equal(ways.Count, ways.Select(Name).Distinct().Count());
        Assert.All(counts.Keys, name => Assert.Contains(name, ways.Select(Name)));
        for (var k = 0; k < ways.Count; k++)
        {
            // A share of p has a deviation of √(p/20,000): five of them.
            var expected = weights[k] / weights.Sum();
            Assert.Equal(expected, counts.GetValueOrDefault(Name(ways[k])) / (double)Draws, (5 * Math.Sqrt(expected / Draws)) + 1e-4);
        }

        // As a model of edits might have it: by kind, and by where it is.
        static double Weight(EditStep step) => step.Kind switch
        {
            EditKind.Keep => -0.2,
            EditKind.Delete => -1 - (0.3 * step.Source),
            EditKind.Insert => -1.5 + (0.2 * step.Target),
            _ => -0.7,
        };
    }

    [Fact]
    public void Sample_EditsThatCostMuch_AreTheFewest()
    {
        var random = new CounterRandom(9);
        for (var i = 0; i < 200; i++)
        {
            var (source, target) = (Word(random), Word(random));

            var way = EditPaths.Sample(source, target, step => step.Kind == EditKind.Keep ? 0 : -40, random.NextDouble, out _);

            Assert.Equal(EditPaths.Distance(source, target), way.Count(step => step.Kind != EditKind.Keep));
        }
    }

    /// <summary>Of deleting a and substituting c by d, the first alone.</summary>
    [Fact]
    public void Apply_SomeEdits_MakesTheFirstOnes()
    {
        char[] source = ['a', 'b', 'c'];
        char[] target = ['b', 'd'];
        EditStep[] way = [new(EditKind.Delete, 0, 0), new(EditKind.Keep, 1, 0), new(EditKind.Substitute, 2, 1)];

        Assert.Equal(['a', 'b', 'c'], EditPaths.Apply(source, target, way, 0));
        Assert.Equal(['b', 'c'], EditPaths.Apply(source, target, way, 1));
        Assert.Equal(['b', 'd'], EditPaths.Apply(source, target, way, 2));
    }

    private static char[] Word(CounterRandom random) => [.. Enumerable.Range(0, random.Below(5)).Select(_ => random.Pick(['a', 'b', 'c']))];

    private static string Name(IReadOnlyList<EditStep> way) => string.Concat(way.Select(step => step.Kind.ToString()[0]));

    /// <summary>Every legal way, forwards.</summary>
    private static List<List<EditStep>> Ways(char[] source, char[] target, int i = 0, int j = 0)
    {
        if (i == source.Length && j == target.Length)
        {
            return [[]];
        }

        var all = new List<List<EditStep>>();
        if (i < source.Length && j < target.Length)
        {
            all.AddRange(Behind(source[i] == target[j] ? EditKind.Keep : EditKind.Substitute, 1, 1));
        }

        if (i < source.Length)
        {
            all.AddRange(Behind(EditKind.Delete, 1, 0));
        }

        if (j < target.Length)
        {
            all.AddRange(Behind(EditKind.Insert, 0, 1));
        }

        return all;

        IEnumerable<List<EditStep>> Behind(EditKind kind, int down, int right) =>
            Ways(source, target, i + down, j + right).Select(rest => new List<EditStep> { new(kind, i, j) }.Concat(rest).ToList());
    }
}
