using Reft.Numerics.Kernels;

namespace Reft.Tests.Numerics.Kernels;

public sealed unsafe class AttentionKernelTests
{
    [Theory]
    [InlineData(1, 0, 1)]
    [InlineData(8, 0, 15)]
    [InlineData(15, 0, 16)]
    [InlineData(16, 3, 20)]
    [InlineData(17, 5, 38)]
    [InlineData(64, 0, 129)]
    [InlineData(80, 100, 133)]
    [InlineData(131, 31, 32)]
    public void Attend_EqualsPlainArithmetic(int size, int first, int last)
    {
        var query = KernelData.Singles(1, size);
        var keys = KernelData.Singles(2, last * size);
        var values = KernelData.Singles(3, last * size);
        var output = new float[size];
        var brain = new ushort[size];
        var (brainQuery, brainKeys, brainValues) =
            (query.Select(KernelData.Round).ToArray(), keys.Select(KernelData.Round).ToArray(), values.Select(KernelData.Round).ToArray());
        var scores = new float[last - first + 32];
        fixed (float* q = query, k = Blocks(keys, size), v = values, o = output, s = scores)
        fixed (ushort* bq = brainQuery, bk = Blocks(brainKeys, size), bv = brainValues, bo = brain)
        {
            AttentionKernel.Attend<float, Single32>(q, k, v, o, size, first, last, 0.3f, s);
            AttentionKernel.Attend<ushort, Brain16>(bq, bk, bv, bo, size, first, last, 0.3f, s);
        }

        // Sums of up to 131 products of numbers up to 2; then one rounding to bfloat16.
        AssertNear(Expected(query, keys, values), output, 1e-5);
        AssertNear(
            Expected(KernelData.Wide(brainQuery), KernelData.Wide(brainKeys), KernelData.Wide(brainValues)),
            KernelData.Wide(brain), 8e-3);

        double[] Expected(float[] q, float[] k, float[] v)
        {
            var weights = Enumerable.Range(first, last - first)
                .Select(j => Math.Exp(0.3 * Enumerable.Range(0, size).Sum(c => (double)q[c] * k[(j * size) + c]))).ToArray();
            return [.. Enumerable.Range(0, size)
                .Select(c => weights.Select((w, j) => w * v[((first + j) * size) + c]).Sum() / weights.Sum())];
        }
    }

    /// <summary>Rows [positions, size] as blocks of sixteen [blocks, size, 16], written out by the definition.</summary>
    private static T[] Blocks<T>(T[] rows, int size)
    {
        var positions = rows.Length / size;
        var blocks = new T[(positions + 15) / 16 * 16 * size];
        for (var p = 0; p < positions; p++)
        {
            for (var c = 0; c < size; c++)
            {
                blocks[(((p / 16 * size) + c) * 16) + (p % 16)] = rows[(p * size) + c];
            }
        }

        return blocks;
    }

    private static void AssertNear(double[] expected, float[] actual, double tolerance)
    {
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], tolerance);
        }
    }
}
