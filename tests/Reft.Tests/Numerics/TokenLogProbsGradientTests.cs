using Reft.Numerics;
using Reft.Tests.Training;
using static TorchSharp.torch;

namespace Reft.Tests.Numerics;

/// <summary>The fused log-probabilities against central differences of log softmax, written out in double.</summary>
public sealed class TokenLogProbsGradientTests
{
    private const int Rows = 5;
    private const int Width = 4;
    private const int Vocabulary = 7;

    private static readonly int[] _targets = [6, 0, 3, 3, 1];
    private static readonly double[] _upstream = [1.0, -0.5, 0.25, 2.0, 0.0];

    [Theory]
    [InlineData(true, 2)]
    [InlineData(true, 100)]
    [InlineData(false, 1)]
    public void Gather_HiddenWeightAndBias_HaveTheFormulasSlopes(bool withBias, int chunk)
    {
        using var scope = NewDisposeScope();
        var hidden = Draw(1, Rows * Width);
        var weight = Draw(2, Vocabulary * Width);
        var bias = Draw(3, withBias ? Vocabulary : 0);
        var h = Leaf(hidden, Rows, Width);
        var w = Leaf(weight, Vocabulary, Width);
        var b = withBias ? Leaf(bias, Vocabulary) : null;

        var logProbs = TokenLogProbs.Gather(h, w, b, tensor([.. _targets.Select(t => (long)t)]), chunk);
        (logProbs * tensor([.. _upstream.Select(u => (float)u)])).sum().backward();

        // Sums of at most 20 float32 products of order 1.
        const double Tolerance = 3e-6;
        Near(FiniteDifferences.Of(x => Formula(x, weight, bias), hidden), h);
        Near(FiniteDifferences.Of(x => Formula(hidden, x, bias), weight), w);
        if (b is not null)
        {
            Near(FiniteDifferences.Of(x => Formula(hidden, weight, x), bias), b);
        }

        static void Near(double[] slopes, Tensor leaf) =>
            FiniteDifferences.AssertNear(slopes, FiniteDifferences.Wide(Episodes.Values(leaf.grad!)), Tolerance);
    }

    private static double Formula(double[] hidden, double[] weight, double[] bias)
    {
        var sum = 0.0;
        for (var n = 0; n < Rows; n++)
        {
            var logits = Enumerable.Range(0, Vocabulary).Select(v =>
                (bias.Length == 0 ? 0 : bias[v])
                + Enumerable.Range(0, Width).Sum(d => hidden[(n * Width) + d] * weight[(v * Width) + d])).ToArray();
            sum += _upstream[n] * (logits[_targets[n]] - Math.Log(logits.Sum(Math.Exp)));
        }

        return sum;
    }

    private static double[] Draw(ulong seed, int count)
    {
        var random = new CounterRandom(seed);
        // Rounded to float32, so that both sides start from the same numbers.
        return [.. Enumerable.Range(0, count).Select(_ => (double)(float)((2 * random.NextDouble()) - 1))];
    }

    private static Tensor Leaf(double[] values, params long[] shape) =>
        tensor([.. values.Select(v => (float)v)], shape).requires_grad_();
}
