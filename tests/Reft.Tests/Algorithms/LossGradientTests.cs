using Reft.Algorithms;
using Reft.Tests.Numerics;
using static TorchSharp.torch;

namespace Reft.Tests.Algorithms;

/// <summary>
/// Gradients of the losses against central differences of the formulas, written out here in double. The losses are given
/// float64 tensors, so the tolerance of 1e-8 is that of the differences.
/// </summary>
public sealed class LossGradientTests
{
    private const double Tolerance = 1e-8;
    private const double Old = -1.3;

    // Log-ratios on each side of both borders, ln 0.8 = -0.223, ln 1.2 = 0.182 and ln 1.28 = 0.247, and past ±20.
    public static TheoryData<double, double, double, double> SurrogateCases()
    {
        var cases = new TheoryData<double, double, double, double>();
        foreach (var advantage in new[] { 1.7, -0.6, 0.0 })
        {
            foreach (var logRatio in new[] { -25.0, -0.4, -0.2, 0.0, 0.1, 0.2, 0.5 })
            {
                cases.Add(advantage, logRatio, 0.2, 0.2);
                cases.Add(advantage, logRatio, 0.2, 0.28);
            }
        }

        // The exponential of a ratio past the bound must not grow any further.
        cases.Add(-1e-9, 25, 0.2, 0.2);
        return cases;
    }

    [Theory]
    [MemberData(nameof(SurrogateCases))]
    public void ClippedSurrogate_EveryBranch_HasTheFormulasValueAndSlope(
        double advantage, double logRatio, double low, double high)
    {
        using var scope = NewDisposeScope();
        var logProbs = tensor([Old + logRatio]).requires_grad_();

        var loss = PolicyLosses.ClippedSurrogate(
            PolicyLosses.Ratio(logProbs, tensor([Old])), tensor([advantage]), low, high).sum();
        loss.backward();

        Assert.Equal(Formula(Old + logRatio), loss.item<double>(), Tolerance);
        var slope = FiniteDifferences.Of(x => Formula(x[0]), [Old + logRatio])[0];
        Assert.Equal(slope, logProbs.grad!.item<double>(), Tolerance);

        double Formula(double logProb)
        {
            var ratio = Math.Exp(Math.Max(-20, Math.Min(20, logProb - Old)));
            return Math.Max(-advantage * ratio, -advantage * Math.Max(1 - low, Math.Min(1 + high, ratio)));
        }
    }

    [Theory]
    [InlineData(-1, 5, 3)] // A bad action that has become five times as likely: 5, and 3 by the bound.
    [InlineData(-0.5, 5, 1.5)]
    [InlineData(-1, 2, 2)] // Not beyond it.
    [InlineData(1, 0.1, -0.1)] // A good action is never bounded.
    [InlineData(1, 9, -1.2)]
    public void DualClip_KnownCases_HaveValueAndSlope(double advantage, double ratio, double expected)
    {
        using var scope = NewDisposeScope();
        var logProbs = tensor([Math.Log(ratio)]).requires_grad_();

        var loss = PolicyLosses.ClippedSurrogate(
            PolicyLosses.Ratio(logProbs, tensor([0.0])), tensor([advantage]), clipLow: 0.2, clipHigh: 0.2, dualClip: 3).sum();
        loss.backward();

        Assert.Equal(expected, loss.item<double>(), 1e-12);
        var slope = FiniteDifferences.Of(x => Math.Min(
            3 * Math.Abs(advantage),
            Math.Max(-advantage * Math.Exp(x[0]), -advantage * Math.Max(0.8, Math.Min(1.2, Math.Exp(x[0]))))), [Math.Log(ratio)])[0];
        Assert.Equal(slope, logProbs.grad!.item<double>(), Tolerance);
    }

    [Theory]
    [InlineData(1, 0.08, false)] // Inside the range.
    [InlineData(1, -0.04, false)]
    [InlineData(1, 0.1, true)] // A good action that has become likely enough.
    [InlineData(-1, 0.1, false)] // A bad action that has become more likely: it must be held back.
    [InlineData(-1, -0.3, true)] // A bad action that has become unlikely enough.
    [InlineData(1, -0.3, false)] // A good action that has become unlikely: it must be brought back.
    public void ClippedSurrogate_OutsideTheRange_HoldsBackNothingThatIsWrong(double advantage, double logRatio, bool isFlat)
    {
        using var scope = NewDisposeScope();
        var logProbs = tensor([logRatio]).requires_grad_();

        PolicyLosses.ClippedSurrogate(
            PolicyLosses.Ratio(logProbs, tensor([0.0])), tensor([advantage]), clipLow: 0.05, clipHigh: 0.09).sum().backward();

        Assert.Equal(isFlat ? 0 : -advantage * Math.Exp(logRatio), logProbs.grad!.item<double>(), 1e-12);
    }

    public static TheoryData<double, double, double?> ValueCases()
    {
        var cases = new TheoryData<double, double, double?>();
        foreach (var value in new[] { -0.9, -0.31, 0.1, 0.24, 0.45, 1.4 })
        {
            foreach (var target in new[] { -1.0, 0.0, 0.2, 0.46, 1.0 })
            {
                cases.Add(value, target, 0.2);
                cases.Add(value, target, null);
            }
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(ValueCases))]
    public void ClippedValue_EveryBranch_HasTheFormulasValueAndSlope(double value, double target, double? clip)
    {
        using var scope = NewDisposeScope();
        const double OldValue = 0.07;
        var values = tensor([value]).requires_grad_();

        var loss = PolicyLosses.ClippedValue(values, tensor([OldValue]), tensor([target]), clip).sum();
        loss.backward();

        Assert.Equal(Formula(value), loss.item<double>(), Tolerance);
        var slope = FiniteDifferences.Of(x => Formula(x[0]), [value])[0];
        Assert.Equal(slope, values.grad!.item<double>(), Tolerance);

        double Formula(double v)
        {
            var plain = (v - target) * (v - target);
            if (clip is not { } range)
            {
                return plain / 2;
            }

            var kept = v > OldValue + range ? OldValue + range : v < OldValue - range ? OldValue - range : v;
            return Math.Max(plain, (kept - target) * (kept - target)) / 2;
        }
    }
}
