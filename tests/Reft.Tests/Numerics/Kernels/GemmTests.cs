using Reft.Numerics.Kernels;

namespace Reft.Tests.Numerics.Kernels;

/// <summary>Every element of a product is the chain of fused multiply-adds over k that the remarks promise.</summary>
public sealed unsafe class GemmTests
{
    // Around the kernels' 1, 4 and 8 rows, the 96 rows of a block, the 48 columns of a panel and its 16 lanes.
    public static TheoryData<int, int, int> Shapes
    {
        get
        {
            var shapes = new TheoryData<int, int, int>();
            foreach (var rows in new[] { 1, 2, 3, 4, 5, 7, 8, 9, 13, 97, 105 })
            {
                shapes.Add(rows, 50, 33);
            }

            foreach (var columns in new[] { 1, 15, 16, 17, 47, 48, 49, 96, 97, 500 })
            {
                shapes.Add(9, columns, 19);
            }

            foreach (var depth in new[] { 1, 2, 15, 16, 17, 384 })
            {
                shapes.Add(11, 53, depth);
            }

            shapes.Add(193, 145, 31);
            return shapes;
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Multiply_Float32_EveryElementIsTheScalarChain(int rows, int columns, int depth)
    {
        var x = KernelData.Singles(1, rows * depth);
        var w = KernelData.Singles(2, columns * depth);
        var bias = KernelData.Singles(3, columns);
        foreach (var threads in new[] { 1, 2, 3 })
        {
            using var workers = new Workers(threads);
            foreach (var b in new[] { null, bias })
            {
                var y = Multiply(workers, x, rows, w, columns, depth, b, transposed: false);

                Assert.Equal(Expected(x, rows, w, columns, depth, b).Select(Bits), y.Select(Bits));
                Assert.Equal(y.Select(Bits), Multiply(workers, x, rows, w, columns, depth, b, transposed: true).Select(Bits));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Multiply_BrainFloat_EveryElementIsTheScalarChainRoundedOnce(int rows, int columns, int depth)
    {
        var x = KernelData.Brains(1, rows * depth);
        var w = KernelData.Brains(2, columns * depth);
        var bias = KernelData.Brains(3, columns);
        foreach (var threads in new[] { 1, 2, 3 })
        {
            using var workers = new Workers(threads);
            foreach (var b in new[] { null, bias })
            {
                var expected = Expected(
                    KernelData.Wide(x), rows, KernelData.Wide(w), columns, depth, b is null ? null : KernelData.Wide(b));
                var rounded = new ushort[rows * columns];
                var single = new float[rows * columns];
                fixed (ushort* px = x, pw = w, pb = b, pr = rounded)
                fixed (float* ps = single)
                {
                    using var packed = PackedWeight.From(pw, columns, depth, depth, 1);
                    Gemm.Multiply<ushort, Brain16, ushort, Brain16>(workers, px, rows, packed, pb, pr);
                    Gemm.Multiply<ushort, Brain16, float, Single32>(workers, px, rows, packed, pb, ps);
                }

                Assert.Equal(expected.Select(Bits), single.Select(Bits));
                Assert.Equal(expected.Select(KernelData.Round), rounded);
            }
        }
    }

    [Fact]
    public void Multiply_ConcurrentCallersOfOneTeam_DoNotShareScratch()
    {
        using var workers = new Workers(2);
        const int Columns = 49;
        const int Depth = 64;
        var w = KernelData.Brains(2, Columns * Depth);

        Parallel.For(0, 64, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i =>
        {
            var rows = 1 + (i * 7 % 200);
            var x = KernelData.Brains((ulong)i + 10, rows * Depth);
            var y = new float[rows * Columns];
            fixed (ushort* px = x, pw = w)
            fixed (float* py = y)
            {
                using var packed = PackedWeight.From(pw, Columns, Depth, Depth, 1);
                Gemm.Multiply<ushort, Brain16, float, Single32>(workers, px, rows, packed, null, py);
            }

            Assert.Equal(Expected(KernelData.Wide(x), rows, KernelData.Wide(w), Columns, Depth, null), y);
        });
    }

    private static float[] Multiply(
        Workers workers, float[] x, int rows, float[] w, int columns, int depth, float[]? bias, bool transposed)
    {
        var stored = w;
        if (transposed)
        {
            stored = new float[w.Length];
            for (var n = 0; n < columns; n++)
            {
                for (var k = 0; k < depth; k++)
                {
                    stored[(k * columns) + n] = w[(n * depth) + k];
                }
            }
        }

        var y = new float[rows * columns];
        fixed (float* px = x, pw = stored, pb = bias, py = y)
        {
            using var packed = PackedWeight.From(
                pw, columns, depth, transposed ? 1 : depth, transposed ? columns : 1);
            Gemm.Multiply<float, Single32, float, Single32>(workers, px, rows, packed, pb, py);
        }

        return y;
    }

    private static float[] Expected(float[] x, int rows, float[] w, int columns, int depth, float[]? bias)
    {
        var y = new float[rows * columns];
        for (var m = 0; m < rows; m++)
        {
            for (var n = 0; n < columns; n++)
            {
                var sum = 0f;
                for (var k = 0; k < depth; k++)
                {
                    sum = MathF.FusedMultiplyAdd(x[(m * depth) + k], w[(n * depth) + k], sum);
                }

                y[(m * columns) + n] = sum + (bias?[n] ?? 0);
            }
        }

        return y;
    }

    private static int Bits(float value) => BitConverter.SingleToInt32Bits(value);
}
