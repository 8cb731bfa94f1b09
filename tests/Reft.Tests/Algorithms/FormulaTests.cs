using Reft.Algorithms;
using Reft.Algorithms.Advantages;
using Reft.Numerics;
using static TorchSharp.torch;

namespace Reft.Tests.Algorithms;

/// <summary>Formulas against hand arithmetic and brute force.</summary>
public sealed class FormulaTests
{
    [Fact]
    public void Generalized_ThreeActions_EqualsHandArithmetic()
    {
        // γ = 1, λ = 0.95, terminal value 0: δ = 0.2, 0.1, 0.5.
        var estimate = GeneralizedAdvantages.Estimate([0, 0, 1], [0.2, 0.4, 0.5], [true, true, true], 1, 0.95);

        Assert.Equal([0.74625, 0.575, 0.5], estimate.Values.Select(v => Math.Round(v, 12)));
        Assert.Equal([0.94625, 0.975, 1.0], estimate.Returns.Select(v => Math.Round(v, 12)));
    }

    [Theory]
    [InlineData(1, 0.95)]
    [InlineData(0.9, 0.5)]
    [InlineData(1, 1)]
    [InlineData(0.99, 0)]
    public void Generalized_RandomRow_EqualsItsDoubleSum(double discount, double lambda)
    {
        var random = new CounterRandom(7);
        var rewards = Enumerable.Range(0, 23).Select(_ => random.NextDouble() - 0.5).ToArray();
        var values = Enumerable.Range(0, 23).Select(_ => random.NextDouble()).ToArray();

        var estimate = GeneralizedAdvantages.Estimate(rewards, values, [.. rewards.Select(_ => true)], discount, lambda);

        for (var t = 0; t < rewards.Length; t++)
        {
            var expected = 0.0;
            for (var l = 0; t + l < rewards.Length; l++)
            {
                var next = t + l + 1 < rewards.Length ? values[t + l + 1] : 0;
                expected += Math.Pow(discount * lambda, l) * (rewards[t + l] + (discount * next) - values[t + l]);
            }

            Assert.Equal(expected, estimate.Values[t], 1e-12);
            Assert.Equal(expected + values[t], estimate.Returns[t], 1e-12);
        }
    }

    [Fact]
    public void Generalized_FeedbackBetweenActions_ChangesNoAdvantage()
    {
        var plain = GeneralizedAdvantages.Estimate([0.1, 0.2, 1], [0.3, 0.4, 0.5], [true, true, true], 0.9, 0.8);
        var between = GeneralizedAdvantages.Estimate(
            [0.1, 99, 0.2, -7, 1], [0.3, 55, 0.4, 12, 0.5], [true, false, true, false, true], 0.9, 0.8);

        Assert.Equal(plain.Values, new[] { between.Values[0], between.Values[2], between.Values[4] });
        Assert.Equal(0, between.Values[1]);
        Assert.Equal(0, between.Values[3]);
    }

    [Fact]
    public void Whiten_OneTwoThree_IsMinusOneZeroOne()
    {
        var white = Masked.Whiten([[1, 100, 2], [3]], [[true, false, true], [true]]);

        Assert.Equal([-1, 0, 0], white[0], (a, b) => Math.Abs(a - b) < 1e-7);
        Assert.Equal([1], white[1], (a, b) => Math.Abs(a - b) < 1e-7);
    }

    [Fact]
    public void Whiten_OneEntry_StaysAsItIs() => Assert.Equal(5.0, Masked.Whiten([[5]], [[true]])[0][0]);

    [Theory]
    [InlineData(1, 1.5, -1.2)]
    [InlineData(-1, 1.5, 1.5)]
    [InlineData(-1, 0.5, 0.8)]
    [InlineData(1, 0.5, -0.5)]
    public void ClippedSurrogate_KnownCases_EqualHandArithmetic(float advantage, float ratio, float expected)
    {
        using var scope = NewDisposeScope();
        var loss = PolicyLosses.ClippedSurrogate(tensor([ratio]), tensor([advantage]), 0.2, 0.2);

        Assert.Equal(expected, loss.item<float>(), 1e-6f);
    }

    [Theory]
    [InlineData(0, 1, 0.5, 0.2, 0.32)]
    [InlineData(0, 0, 0.5, 0.2, 0.125)]
    [InlineData(0, 1, 0.5, null, 0.125)]
    public void ClippedValue_KnownCases_EqualHandArithmetic(float old, float target, float value, double? clip, float expected)
    {
        using var scope = NewDisposeScope();
        var loss = PolicyLosses.ClippedValue(tensor([value]), tensor([old]), tensor([target]), clip);

        Assert.Equal(expected, loss.item<float>(), 1e-6f);
    }

    [Fact]
    public void KlEstimators_SmallDifference_StayExact()
    {
        Assert.Equal(1e-6, KullbackLeibler.K1(1e-6, 0), 1e-18);
        Assert.Equal(5e-13, KullbackLeibler.K2(1e-6, 0), 1e-24);
        // e⁻ᵈ - 1 + d = d²/2 - d³/6 + …
        Assert.Equal(5e-13 - (1e-18 / 6), KullbackLeibler.K3(1e-6, 0), 1e-20);
        Assert.True(KullbackLeibler.K3(-3e-9, 0) >= 0);
    }

    [Theory]
    [InlineData(Aggregation.SequenceMeanTokenMean, 1.0 / 6, 1.0 / 2)]
    [InlineData(Aggregation.TokenMean, 1.0 / 4, 1.0 / 4)]
    [InlineData(Aggregation.SequenceMeanTokenSum, 1.0 / 2, 1.0 / 2)]
    [InlineData(Aggregation.SequenceSumConstant, 1.0 / 20, 1.0 / 20)]
    public void Compute_TwoSequencesOfThreeAndOne_EqualsHandArithmetic(Aggregation aggregation, double first, double second)
    {
        var weights = TokenWeights.Compute([[true, true, false, true], [true]], aggregation, constantLength: 10);

        Assert.Equal([(float)first, (float)first, 0, (float)first], weights[0]);
        Assert.Equal([(float)second], weights[1]);
    }

    [Fact]
    public void Update_KlAboveTarget_RaisesCoefficientByZieglersRule()
    {
        var controller = new KlController(new KlOptions { Coefficient = 0.1, Target = 6, Horizon = 100 });

        controller.Update(sequenceKl: 60, sequences: 10);

        Assert.Equal(0.1 * (1 + (0.2 * 10 / 100)), controller.Coefficient, 1e-15);
    }
}
