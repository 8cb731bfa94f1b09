using FsCheck;
using FsCheck.Fluent;
using Reft.Algorithms.Advantages;
using Reft.Numerics;
using Reft.Tests.Numerics;

namespace Reft.Tests.Algorithms;

/// <summary>Advantages and whitening on ragged data against their definitions.</summary>
public sealed class AdvantageTests
{
    [Fact]
    public void Generalized_AnyRowWithSkippedSteps_EqualsItsDoubleSum() => Prop
        .ForAll<int>(seed =>
        {
            var random = new CounterRandom((ulong)seed);
            var length = random.Between(0, 40);
            var (rewards, values) = (Draw(), Draw());
            var actions = Enumerable.Range(0, length).Select(_ => random.Chance(0.7)).ToArray();
            var (discount, lambda) = (random.NextDouble(), random.Chance(0.2) ? 1 : random.NextDouble());

            var estimate = GeneralizedAdvantages.Estimate(rewards, values, actions, discount, lambda);

            var expected = DoubleSum(rewards, values, actions, discount, lambda);
            FiniteDifferences.AssertNear(expected, estimate.Values, 1e-10);
            FiniteDifferences.AssertNear(
                [.. expected.Select((a, t) => actions[t] ? a + values[t] : 0)], estimate.Returns, 1e-10);

            double[] Draw() => [.. Enumerable.Range(0, length).Select(_ => (4 * random.NextDouble()) - 2)];
        })
        .Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void Generalized_LambdaOne_IsTheDiscountedReturnLessTheValue()
    {
        var estimate = GeneralizedAdvantages.Estimate([1, 2, 4], [10, 20, 30], [true, true, true], 0.5, 1);

        Assert.Equal([1 + 1 + 1 - 10, 2 + 2 - 20, 4 - 30], estimate.Values);
        Assert.Equal([3, 4, 4], estimate.Returns);
    }

    [Fact]
    public void Whiten_AnyRaggedRows_HasMeanZeroAndVarianceOne() => Prop
        .ForAll<int>(seed =>
        {
            var random = new CounterRandom((ulong)seed);
            var rows = Enumerable.Range(0, random.Between(1, 6)).Select(_ =>
                Enumerable.Range(0, random.Between(0, 12)).Select(_ => (random.NextDouble() * 6) - 1).ToArray()).ToArray();
            var masks = rows.Select(r => r.Select(_ => random.Chance(0.8)).ToArray()).ToArray();
            var all = Counted(rows, masks);

            var white = Masked.Whiten(rows, masks);

            var result = Counted(white, masks);
            Assert.All(white.Zip(masks).SelectMany(p => p.First.Zip(p.Second)), p => Assert.True(p.Second || p.First == 0));
            if (all.Length < 2)
            {
                Assert.Equal(all, result); // There is no variance: nothing is changed.
                return;
            }

            var mean = all.Sum() / all.Length;
            var variance = all.Sum(a => (a - mean) * (a - mean)) / (all.Length - 1);
            FiniteDifferences.AssertNear([.. all.Select(a => (a - mean) / Math.Sqrt(variance + 1e-8))], result, 1e-10);
        })
        .Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Fact]
    public void Whiten_NothingCounts_GivesZeros() =>
        Assert.Equal([0, 0], Masked.Whiten([[3, 4]], [[false, false]])[0]);

    [Fact]
    public void Whiten_EqualEntries_GivesZerosAndNoInfinity() =>
        Assert.Equal([0, 0, 0], Masked.Whiten([[7, 7, 7]], [[true, true, true]])[0]);

    /// <summary><c>A_t = Σ_l (γλ)^l δ_{t+l}</c>, with l and "next" counted in actions.</summary>
    private static double[] DoubleSum(double[] rewards, double[] values, bool[] actions, double discount, double lambda)
    {
        var at = Enumerable.Range(0, rewards.Length).Where(t => actions[t]).ToArray();
        var advantages = new double[rewards.Length];
        for (var i = 0; i < at.Length; i++)
        {
            for (var j = i; j < at.Length; j++)
            {
                var next = j + 1 < at.Length ? values[at[j + 1]] : 0;
                advantages[at[i]] += Math.Pow(discount * lambda, j - i) * (rewards[at[j]] + (discount * next) - values[at[j]]);
            }
        }

        return advantages;
    }

    private static double[] Counted(double[][] rows, bool[][] masks) =>
        [.. rows.Zip(masks).SelectMany(p => p.First.Where((_, t) => p.Second[t]))];
}
