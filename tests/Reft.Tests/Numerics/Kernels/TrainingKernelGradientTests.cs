using Reft.Numerics.Kernels;
using Reft.Tests.Training;
using static TorchSharp.torch;

namespace Reft.Tests.Numerics.Kernels;

/// <summary>
/// The backward passes of the training kernels against central differences of their formulas, written out in double. Rows
/// are more than one part of 64, widths are with and without a rest of 16 lanes.
/// </summary>
public sealed class TrainingKernelGradientTests
{
    private const int Rows = 67;
    private const double Epsilon = 1e-5;

    public static TheoryData<int> Widths => new(3, 16, 37);

    [Theory]
    [MemberData(nameof(Widths))]
    public void RmsNorm_InputAndWeight_HaveTheFormulasSlopes(int width)
    {
        using var scope = NewDisposeScope();
        var (x, w) = (KernelData.Singles(1, Rows * width), KernelData.Singles(2, width));
        var g = KernelData.Singles(3, Rows * width);
        var (input, weight) = (Leaf(x, Rows, width), Leaf(w, width));

        (TrainingKernels.RmsNorm(input, weight, Epsilon) * tensor(g, [Rows, width])).sum().backward();

        var rows = Enumerable.Range(0, Rows).Select(n =>
            (X: Row(x, n, width), G: Row(g, n, width))).ToArray();
        var wide = FiniteDifferences.Wide(w);
        // A row's slope has the size of 1/rms of a row of three numbers, at most 10; six digits of it.
        AssertNear([.. rows.SelectMany(row => FiniteDifferences.Of(v => Norm(v, wide, row.G), row.X))], input, 1e-5);
        // The sum of 67 rows.
        AssertNear(FiniteDifferences.Of(v => rows.Sum(row => Norm(row.X, v, row.G)), wide), weight, 3e-5);

        static double Norm(double[] x, double[] w, double[] g)
        {
            var root = Math.Sqrt((x.Sum(v => v * v) / x.Length) + Epsilon);
            return x.Select((v, c) => g[c] * w[c] * v / root).Sum();
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void LayerNorm_InputWeightAndBias_HaveTheFormulasSlopes(int width)
    {
        using var scope = NewDisposeScope();
        var (x, w, b) = (KernelData.Singles(1, Rows * width), KernelData.Singles(2, width), KernelData.Singles(4, width));
        var g = KernelData.Singles(3, Rows * width);
        var (input, weight, bias) = (Leaf(x, Rows, width), Leaf(w, width), Leaf(b, width));
        var plain = Leaf(x, Rows, width);

        (TrainingKernels.LayerNorm(input, weight, bias, Epsilon) * tensor(g, [Rows, width])).sum().backward();
        (TrainingKernels.LayerNorm(plain, null, null, Epsilon) * tensor(g, [Rows, width])).sum().backward();

        var rows = Enumerable.Range(0, Rows).Select(n =>
            (X: Row(x, n, width), G: Row(g, n, width))).ToArray();
        var (wide, offsets) = (FiniteDifferences.Wide(w), FiniteDifferences.Wide(b));
        var ones = Enumerable.Repeat(1.0, width).ToArray();
        // A row's slope has the size of 1/deviation of a row, which for three numbers may be above 10; five digits of it.
        AssertNear([.. rows.SelectMany(row => FiniteDifferences.Of(v => Norm(v, wide, offsets, row.G), row.X))], input, 1e-4);
        AssertNear([.. rows.SelectMany(row => FiniteDifferences.Of(v => Norm(v, ones, offsets, row.G), row.X))], plain, 1e-4);
        // The sums of 67 rows.
        AssertNear(FiniteDifferences.Of(v => rows.Sum(row => Norm(row.X, v, offsets, row.G)), wide), weight, 3e-5);
        AssertNear(FiniteDifferences.Of(v => rows.Sum(row => Norm(row.X, wide, v, row.G)), offsets), bias, 3e-5);

        static double Norm(double[] x, double[] w, double[] b, double[] g)
        {
            var mean = x.Average();
            var deviation = Math.Sqrt((x.Sum(v => (v - mean) * (v - mean)) / x.Length) + Epsilon);
            return x.Select((v, c) => g[c] * ((w[c] * (v - mean) / deviation) + b[c])).Sum();
        }
    }

    [Theory]
    [InlineData(1, 5)]
    [InlineData(64, 16)]
    [InlineData(200, 37)]
    public void ColumnSums_AnyShape_AreTheSums(int rows, int width)
    {
        using var scope = NewDisposeScope();
        var x = KernelData.Singles(1, rows * width);

        var sums = Episodes.Values(TrainingKernels.ColumnSums(tensor(x, [rows, width])));
        var brain = Episodes.Values(TrainingKernels.ColumnSums(tensor(x, [rows, width]).to(ScalarType.BFloat16)));

        // 200 numbers below 2, in float32; rounded to 8 bits before.
        for (var c = 0; c < width; c++)
        {
            var column = Enumerable.Range(0, rows).Select(n => (double)x[(n * width) + c]).ToArray();
            Assert.InRange(sums[c] - column.Sum(), -2e-5, 2e-5);
            Assert.InRange(brain[c] - column.Sum(), -rows / 256.0, rows / 256.0);
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void SiluMultiply_GateAndUp_HaveTheFormulasSlopes(int width)
    {
        using var scope = NewDisposeScope();
        var count = Rows * width;
        var (a, u, g) = (KernelData.Singles(1, count), KernelData.Singles(2, count), KernelData.Singles(3, count));
        var (gate, up) = (Leaf(a, Rows, width), Leaf(u, Rows, width));

        (TrainingKernels.SiluMultiply(gate, up) * tensor(g, [Rows, width])).sum().backward();

        // Products of three numbers below 2 in float32.
        AssertNear([.. Slopes((x, i) => g[i] * Silu(x) * u[i], a)], gate, 3e-6);
        AssertNear([.. Slopes((x, i) => g[i] * Silu(a[i]) * x, u)], up, 3e-6);

        static double Silu(double x) => x / (1 + Math.Exp(-x));

        static IEnumerable<double> Slopes(Func<double, int, double> of, float[] at) =>
            at.Select((x, i) => FiniteDifferences.Of(v => of(v[0], i), [x])[0]);
    }

    [Theory]
    [InlineData(8, 4, false)]
    [InlineData(8, 4, true)]
    [InlineData(12, 4, false)] // Four of the twelve are left as they are.
    [InlineData(12, 4, true)]
    public void Rotate_Heads_HaveTheFormulasSlopes(int size, int pairs, bool interleaved)
    {
        using var scope = NewDisposeScope();
        const int Tokens = 5;
        const int Heads = 2;
        long[] positions = [0, 1, 2, 0, 3];
        var (x, g) = (KernelData.Singles(1, Tokens * Heads * size), KernelData.Singles(2, Tokens * Heads * size));
        var angles = KernelData.Singles(3, 4 * pairs);
        var heads = Leaf(x, Tokens, Heads, size);
        var cosines = tensor([.. angles.Select(MathF.Cos)], [4, pairs]);
        var sines = tensor([.. angles.Select(MathF.Sin)], [4, pairs]);

        var rotated = TrainingKernels.Rotate(heads, cosines, sines, positions, interleaved);
        (rotated * tensor(g, [Tokens, Heads, size])).sum().backward();

        var expected = Enumerable.Range(0, Tokens * Heads).SelectMany(h =>
            FiniteDifferences.Of(v => Turned(v, Row(g, h, size), positions[h / Heads]), Row(x, h, size)));
        // One product and sum in float32.
        AssertNear([.. expected], heads, 2e-6);

        double Turned(double[] head, double[] weights, long position)
        {
            var turned = head.ToArray();
            for (var i = 0; i < pairs; i++)
            {
                var (a, b) = interleaved ? (2 * i, (2 * i) + 1) : (i, i + pairs);
                var angle = (double)angles[(position * pairs) + i];
                turned[a] = (head[a] * Math.Cos(angle)) - (head[b] * Math.Sin(angle));
                turned[b] = (head[b] * Math.Cos(angle)) + (head[a] * Math.Sin(angle));
            }

            return turned.Zip(weights, (v, w) => v * w).Sum();
        }
    }

    private static double[] Row(float[] values, int row, int width) =>
        FiniteDifferences.Wide(values[(row * width)..((row + 1) * width)]);

    private static Tensor Leaf(float[] values, params long[] shape) => tensor(values, shape).requires_grad_();

    private static void AssertNear(double[] slopes, Tensor leaf, double tolerance) =>
        FiniteDifferences.AssertNear(slopes, FiniteDifferences.Wide(Episodes.Values(leaf.grad!)), tolerance);
}
