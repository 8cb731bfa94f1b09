using Reft.Algorithms;
using Reft.Algorithms.Terms;
using Reft.Methods;
using Reft.Models;
using Reft.Tests.Numerics;
using Reft.Tests.Training;
using static TorchSharp.torch;

namespace Reft.Tests.Algorithms;

/// <summary>Cross-entropy weighed by the tokens' own probabilities: slopes, fixed points, and plain cross-entropy at its limit.</summary>
public sealed class DftTests
{
    // A token's true distribution among demonstrations.
    private static readonly double[] _shares = [0.6, 0.25, 0.1, 0.05];

    [Fact]
    public void Loss_PowerZero_IsCrossEntropyToTheBit()
    {
        using var scope = NewDisposeScope();
        var plain = Slopes(CrossEntropy.Create(new CrossEntropyOptions()), out var loss);
        var weighed = Slopes(Dft.Create(new DftOptions { Power = 0 }), out var same);

        Assert.Equal(loss, same);
        Assert.Equal(plain, weighed);
    }

    /// <summary>∂L/∂z = -∂p_y/∂z, by central differences of p itself, over logits of four tokens.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Loss_PowerOne_HasTheSlopeOfTheProbability(int token)
    {
        using var scope = NewDisposeScope();
        double[] at = [0.3, -1.2, 0.8, 0.1];
        var logits = tensor(at).requires_grad_();

        Loss(new WeightedLikelihood(1, null), logits, token).backward();

        FiniteDifferences.AssertNear(
            FiniteDifferences.Of(z => -Math.Exp(z[token]) / z.Sum(Math.Exp), at), logits.grad!.data<double>().ToArray(), 1e-8);
    }

    [Theory]
    [InlineData(0.5, 1.0)]
    [InlineData(2.0, 1.0)]
    public void Loss_Power_WeighsTheSlopeOfCrossEntropy(double power, double scale)
    {
        using var scope = NewDisposeScope();
        double[] at = [0.3, -1.2, 0.8, 0.1];
        var logits = tensor(at).requires_grad_();
        var probability = Math.Exp(at[1]) / at.Sum(Math.Exp);

        Loss(new WeightedLikelihood(power, null), logits, 1).backward();

        var plain = FiniteDifferences.Of(z => Math.Log(z.Sum(Math.Exp)) - z[1], at);
        FiniteDifferences.AssertNear([.. plain.Select(slope => scale * Math.Pow(probability, power) * slope)], logits.grad!.data<double>().ToArray(), 1e-8);
    }

    /// <summary>p = e⁻² and e⁻⁴: a limit of three nats keeps the first and leaves the second out.</summary>
    [Fact]
    public void Loss_BeyondTheCap_TeachesNothing()
    {
        using var scope = NewDisposeScope();
        var logProbs = tensor([-2.0, -4.0]).requires_grad_();

        var losses = new WeightedLikelihood(0, 3).Losses(new LossInputs(new PolicyOutputs(logProbs, null, null), null!, 0));
        losses.sum().backward();

        Assert.Equal([2.0, 0.0], losses.data<double>().ToArray());
        Assert.Equal([-1.0, 0.0], logProbs.grad!.data<double>().ToArray());
    }

    /// <summary>One softmax, gradient steps on the mean over demonstrations: cross-entropy ends at their shares, DFT at the most frequent alone.</summary>
    [Theory]
    [InlineData(0, new[] { 0.6, 0.25, 0.1, 0.05 }, 0.002)]
    [InlineData(1, new[] { 1.0, 0, 0, 0 }, 0.002)]
    public void Learning_OneToken_EndsAtTheFixedPoint(double power, double[] expected, double tolerance) => Assert.All(
        Learn(power, [0, 0, 0, 0], _shares, steps: 3000).Zip(expected), pair => Assert.Equal(pair.Second, pair.First, tolerance));

    /// <summary>A token that the model gives 1e-4 and every demonstration has: cross-entropy learns it, DFT does not begin to.</summary>
    [Fact]
    public void Learning_TokenNeverSeen_IsBeyondDft()
    {
        double[] start = [Math.Log(1e-4), 0, 0, 0];
        double[] always = [0.6, 0.4, 0, 0];

        Assert.InRange(Learn(0, start, always, steps: 4000)[0], 0.59, 0.61);
        Assert.InRange(Learn(1, start, always, steps: 4000)[0], 0, 0.001);
    }

    [Fact]
    public void Options_OutOfRange_AreRefused()
    {
        Assert.Throws<OptionException>(() => Dft.Create(new DftOptions { Power = -1 }));
        Assert.Throws<OptionException>(() => Dft.Create(new DftOptions { Cap = 0 }));
    }

    private static Tensor Loss(WeightedLikelihood term, Tensor logits, int token) => term.Losses(
        new LossInputs(new PolicyOutputs(nn.functional.log_softmax(logits, 0)[token].unsqueeze(0), null, null), null!, 0)).sum();

    /// <summary>Probabilities after steps of size 1 on the loss's mean over demonstrations.</summary>
    private static double[] Learn(double power, double[] start, double[] shares, int steps)
    {
        var term = new WeightedLikelihood(power, null);
        double[] at = [.. start];
        for (var step = 0; step < steps; step++)
        {
            using var scope = NewDisposeScope();
            var logits = tensor(at).requires_grad_();
            var losses = term.Losses(new LossInputs(new PolicyOutputs(nn.functional.log_softmax(logits, 0), null, null), null!, 0));
            (losses * tensor(shares)).sum().backward();
            at = [.. at.Zip(logits.grad!.data<double>().ToArray(), (z, slope) => z - slope)];
        }

        var total = at.Sum(Math.Exp);
        return [.. at.Select(z => Math.Exp(z) / total)];
    }

    private static float[] Slopes(ComposedAlgorithm algorithm, out float loss)
    {
        Trajectory[] rows = [.. Episodes.Random(seed: 4, count: 5, vocabulary: 9).Select(r => new Trajectory(r))];
        var columns = new TokenColumns(rows, algorithm.Weigh(rows), CPU);
        var logProbs = tensor([.. Enumerable.Range(0, columns.Count).Select(i => -0.1f * (1 + (i % 30)))]).requires_grad_();
        var value = algorithm.Loss(new PolicyOutputs(logProbs, null, null), columns, new StepMetrics(), step: 0);
        value.backward();
        loss = value.item<float>();
        return logProbs.grad!.data<float>().ToArray();
    }
}
