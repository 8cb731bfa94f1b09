using Reft.Algorithms;
using Reft.Algorithms.Terms;
using Reft.Models;
using Reft.Rollouts;
using Reft.Tests.Numerics;
using Reft.Tests.Training;
using static TorchSharp.torch;

namespace Reft.Tests.Algorithms;

/// <summary>
/// Terms of losses on two ragged sequences, against the formulas written out in double: values, and gradients by central differences. Inputs are
/// float64, columns float32 (exact here), so the tolerance is that of the differences, and of a share of ⅓ in float32.
/// </summary>
public sealed class LossTermTests
{
    private const double Tolerance = 1e-7;

    // Sampled: three of four tokens of the first (one is feedback), one of the second.
    private static readonly bool[][] _sampled = [[true, false, true, true], [true]];
    private static readonly double[][] _old = [[-1, 0, -0.5, -2], [-0.25]];
    private static readonly double[] _advantages = [0.75, -0.5];

    // Log-ratios 0.5, (feedback), -0.25, 0.125: a mean of 0.125; and -0.75.
    private static readonly double[] _logProbs = [-0.5, -9, -0.75, -1.875, -1];

    public static TheoryData<double, double> Clips => new() { { 0.2, 0.28 }, { 0.05, 0.05 }, { 0.9, 3 } };

    [Theory]
    [MemberData(nameof(Clips))]
    public void SequenceSurrogate_Tokens_HaveTheirSequencesLossAndSlope(double low, double high) => Check(
        new SequenceSurrogate(low, high),
        at => Sequences(at, (row, own) =>
        {
            var ratio = Math.Exp(Sampled(row).Average(t => own[t] - _old[row][t]));
            var loss = Math.Max(-_advantages[row] * ratio, -_advantages[row] * Math.Clamp(ratio, 1 - low, 1 + high));
            return Sampled(row).Count() * loss;
        }));

    [Theory]
    [MemberData(nameof(Clips))]
    public void TruncatedImportance_Tokens_KeepTheirGradientBeyondTheClip(double low, double high)
    {
        // The weight is held while the likelihood is varied: that is what it says not to learn through.
        var weights = Sequence(0, _logProbs).Concat(Sequence(1, _logProbs)).ToArray();
        Check(
            new TruncatedImportance(low, high),
            at => Sequences(at, (row, own) => Sampled(row).Sum(t => -weights[(row * 4) + t] * _advantages[row] * own[t])));

        IEnumerable<double> Sequence(int row, double[] at) => Row(row, at).Select(
            (p, t) => Math.Clamp(Math.Exp(p - _old[row][t]), 1 - low, 1 + high));
    }

    [Fact]
    public void Reinforce_Tokens_AreLikelihoodTimesAdvantage() => Check(
        new Reinforce(), at => Sequences(at, (row, own) => Sampled(row).Sum(t => -_advantages[row] * own[t])));

    [Theory]
    [InlineData(KlEstimator.K1)]
    [InlineData(KlEstimator.K2)]
    [InlineData(KlEstimator.K3)]
    public void KlPenalty_Tokens_AreTheEstimator(KlEstimator estimator) => Check(
        new KlPenalty(estimator, 1),
        at => Sequences(at, (row, own) => Sampled(row).Sum(t =>
        {
            var d = own[t] - Reference(row, t);
            return estimator switch { KlEstimator.K1 => d, KlEstimator.K2 => d * d / 2, _ => Math.Exp(-d) - 1 + d };
        })));

    [Fact]
    public void Divergence_NearZero_NeverFallsBelowIt()
    {
        using var scope = NewDisposeScope();
        // In float32 e⁻ᵈ - 1 + d of 1e-6 is -6e-8 when written so.
        var d = tensor([1e-6f, -1e-6f, 3e-5f, 0f]);

        var all = PolicyLosses.Divergence(d, zeros(4), KlEstimator.K3).data<float>().ToArray();

        Assert.All(all, k3 => Assert.InRange(k3, 0, 1e-9));
    }

    /// <summary>Every token's loss, summed over the sampled ones.</summary>
    private static void Check(ILossTerm term, Func<double[], double> formula)
    {
        using var scope = NewDisposeScope();
        Trajectory[] rows = [Row(0), Row(1)];
        var columns = new TokenColumns(rows, [.. rows.Select(r => r.Sampled.Select(s => s ? 1f : 0f).ToArray())], CPU);
        var logProbs = tensor(_logProbs).requires_grad_();
        var inputs = new LossInputs(new PolicyOutputs(logProbs, null, null), columns, Step: 0);

        var loss = (term.Losses(inputs) * columns.Weights).sum();
        loss.backward();

        Assert.Equal(formula(_logProbs), loss.item<double>(), Tolerance);
        FiniteDifferences.AssertNear(FiniteDifferences.Of(formula, _logProbs), logProbs.grad!.data<double>().ToArray(), Tolerance);
    }

    private static double Sequences(double[] at, Func<int, double[], double> of) => of(0, Row(0, at)) + of(1, Row(1, at));

    private static double[] Row(int row, double[] at) => row == 0 ? at[..4] : at[4..];

    private static IEnumerable<int> Sampled(int row) => Enumerable.Range(0, _sampled[row].Length).Where(t => _sampled[row][t]);

    private static double Reference(int row, int t) => _old[row][t] - 0.5;

    private static Trajectory Row(int row) => new(Episodes.Make(
        row, [1, .. _sampled[row].Select(_ => 2)], prompt: 1, [.. _sampled[row].Select(s => s ? TokenRole.Sampled : TokenRole.Feedback)]))
    {
        OldLogProbs = [.. _old[row].Select(p => (float)p)],
        ReferenceLogProbs = [.. _old[row].Select((_, t) => (float)Reference(row, t))],
        Advantages = [.. _old[row].Select(_ => (float)_advantages[row])],
    };
}
