using Reft.Numerics.Kernels;

namespace Reft.Tests.Numerics.Kernels;

/// <summary>Kernels of single rows against plain double-precision arithmetic.</summary>
public sealed unsafe class RowKernelsTests
{
    // Relative: a few roundings of float32 (6e-8 each), and of bfloat16 (4e-3 each).
    private const double Single = 2e-6;
    private const double Brain = 1.3e-2;

    public static TheoryData<int> Widths => new(1, 3, 15, 16, 17, 31, 32, 48, 67, 128, 500);

    [Theory]
    [MemberData(nameof(Widths))]
    public void RmsNorm_EqualsTheFormula(int width)
    {
        var (x, w, y) = (KernelData.Singles(1, width), KernelData.Singles(2, width), new float[width]);
        var (bx, bw, by) = (KernelData.Brains(1, width), KernelData.Brains(2, width), new ushort[width]);
        fixed (float* px = x, pw = w, py = y)
        fixed (ushort* qx = bx, qw = bw, qy = by)
        {
            RowKernels.RmsNorm<float, Single32>(px, pw, py, width, 1e-5f);
            RowKernels.RmsNorm<ushort, Brain16>(qx, qw, qy, width, 1e-5f);
        }

        AssertNear(Norm(x, w), y, Single);
        AssertNear(Norm(KernelData.Wide(bx), KernelData.Wide(bw)), KernelData.Wide(by), Brain);

        static double[] Norm(float[] x, float[] w)
        {
            var root = Math.Sqrt((x.Sum(v => (double)v * v) / x.Length) + 1e-5);
            return [.. x.Zip(w, (v, s) => s * (v / root))];
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void SiluMultiply_EqualsTheFormula(int width)
    {
        var (g, u, y) = (KernelData.Singles(1, width), KernelData.Singles(2, width), new float[width]);
        var (bg, bu, by) = (KernelData.Brains(1, width), KernelData.Brains(2, width), new ushort[width]);
        g[0] = -100; // Its exponential is past float32's range.
        fixed (float* pg = g, pu = u, py = y)
        fixed (ushort* qg = bg, qu = bu, qy = by)
        {
            RowKernels.SiluMultiply<float, Single32>(pg, pu, py, width);
            RowKernels.SiluMultiply<ushort, Brain16>(qg, qu, qy, width);
        }

        AssertNear(Gate(g, u), y, Single);
        AssertNear(Gate(KernelData.Wide(bg), KernelData.Wide(bu)), KernelData.Wide(by), Brain);

        static double[] Gate(float[] g, float[] u) => [.. g.Zip(u, (a, b) => a / (1 + Math.Exp(-(double)a)) * b)];
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Add_IsTheRoundedSum(int width)
    {
        var (x, y, z) = (KernelData.Singles(1, width), KernelData.Singles(2, width), new float[width]);
        var (bx, by, bz) = (KernelData.Brains(1, width), KernelData.Brains(2, width), new ushort[width]);
        fixed (float* px = x, py = y, pz = z)
        fixed (ushort* qx = bx, qy = by, qz = bz)
        {
            RowKernels.Add<float, Single32>(px, py, pz, width);
            RowKernels.Add<ushort, Brain16>(qx, qy, qz, width);
        }

        Assert.Equal(x.Zip(y, (a, b) => a + b), z);
        Assert.Equal(
            KernelData.Wide(bx).Zip(KernelData.Wide(by), (a, b) => KernelData.Round(a + b)), bz);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(5, false)]
    [InlineData(16, false)]
    [InlineData(17, false)]
    [InlineData(40, false)]
    [InlineData(1, true)]
    [InlineData(17, true)]
    public void Rotate_TurnsEveryPairByItsAngle(int pairs, bool interleaved)
    {
        var size = (2 * pairs) + 3;
        var angles = Enumerable.Range(0, pairs).Select(i => 0.7 * (i + 1)).ToArray();
        var cosines = angles.Select(a => (float)Math.Cos(a)).ToArray();
        var sines = angles.Select(a => (float)Math.Sin(a)).ToArray();
        var head = KernelData.Singles(1, size);
        var brain = KernelData.Brains(1, size);
        var expected = Turned(head);
        var expectedBrain = Turned(KernelData.Wide(brain));

        fixed (float* ph = head, pc = cosines, ps = sines)
        fixed (ushort* qh = brain)
        {
            RowKernels.Rotate<float, Single32>(ph, ph, pc, ps, pairs, interleaved, 1);
            RowKernels.Rotate<ushort, Brain16>(qh, qh, pc, ps, pairs, interleaved, 1);
        }

        // Differences of products lose digits, hence the absolute part.
        AssertNear(expected, head, 1e-6, 1e-6);
        AssertNear(expectedBrain, KernelData.Wide(brain), 4e-3, 1e-6);

        double[] Turned(float[] x)
        {
            var y = x.Select(v => (double)v).ToArray();
            for (var i = 0; i < pairs; i++)
            {
                var (a, b) = interleaved ? (2 * i, (2 * i) + 1) : (i, i + pairs);
                // Multiplication of complex numbers.
                var turned = new System.Numerics.Complex(x[a], x[b]) * System.Numerics.Complex.FromPolarCoordinates(1, angles[i]);
                (y[a], y[b]) = (turned.Real, turned.Imaginary);
            }

            return y;
        }
    }

    [Fact]
    public void BrainElement_EveryUpperHalf_RoundsToTheNearest()
    {
        var values = new float[16];
        var stored = new ushort[16];
        for (uint upper = 0; upper < 0x7f7f; upper += 7)
        {
            for (var lane = 0; lane < 16; lane++)
            {
                var low = new uint[] { 0, 1, 0x7fff, 0x8000, 0x8001, 0xffff, 0x1234, 0xabcd }[lane % 8];
                values[lane] = BitConverter.UInt32BitsToSingle((upper << 16) | low | (lane < 8 ? 0 : 0x8000_0000));
            }

            fixed (float* from = values)
            fixed (ushort* to = stored)
            {
                Brain16.Store(to, System.Runtime.Intrinsics.Vector512.Load(from));
            }

            Assert.Equal(values.Select(KernelData.Round), stored);
            Assert.Equal(stored, values.Select(Brain16.Make));
        }

        Assert.True(float.IsNaN(Brain16.Get(Brain16.Make(BitConverter.UInt32BitsToSingle(0x7f80_0001)))));
    }

    private static void AssertNear(double[] expected, float[] actual, double relative, double absolute = 1e-30)
    {
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], absolute + (relative * Math.Abs(expected[i])));
        }
    }
}
