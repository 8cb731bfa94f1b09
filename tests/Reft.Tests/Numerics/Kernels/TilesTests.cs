using System.Runtime.Intrinsics;
using Reft.Numerics.Kernels;

namespace Reft.Tests.Numerics.Kernels;

/// <summary>
/// The tiles of every width give one chain of fused multiply-adds an element, so a machine's width changes no bit. All widths
/// run on every machine: one that it lacks is computed in parts.
/// </summary>
public sealed unsafe class TilesTests
{
    private const int Panel = PackedWeight.PanelWidth;

    // What lies beside the result, which nothing may touch.
    private const float Untouched = 7e7f;

    public static TheoryData<int> Widths => [512, 256, 128];

    [Fact]
    public void Width_OfThisMachine_IsTheWidestThatIsAccelerated() => Assert.Equal(
        Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128, Tiles.Width);

    [Theory]
    [MemberData(nameof(Widths))]
    public void Linear_AnyRows_EveryElementIsTheScalarChain(int width) => Of(
        width, LinearOf<Tiles512>, LinearOf<Tiles256>, LinearOf<Tiles128>);

    [Theory]
    [MemberData(nameof(Widths))]
    public void Outer_AnyDepth_EveryElementIsTheScalarChain(int width) => Of(
        width, OuterOf<Tiles512>, OuterOf<Tiles256>, OuterOf<Tiles128>);

    [Theory]
    [MemberData(nameof(Widths))]
    public void Scores_AnyBlocks_EveryElementIsTheScalarChain(int width) => Of(
        width, ScoresOf<Tiles512>, ScoresOf<Tiles256>, ScoresOf<Tiles128>);

    [Theory]
    [MemberData(nameof(Widths))]
    public void Multiply_SetOrAdded_EveryElementIsTheScalarChain(int width) => Of(
        width, MultiplyOf<Tiles512>, MultiplyOf<Tiles256>, MultiplyOf<Tiles128>);

    private static void Of(int width, Action wide, Action half, Action quarter) =>
        (width switch { 512 => wide, 256 => half, _ => quarter })();

    private static void LinearOf<TTiles>()
        where TTiles : ITiles
    {
        foreach (var depth in new[] { 1, 2, 17, 65 })
        {
            for (var count = 1; count <= TTiles.Rows; count++)
            {
                var stride = depth + 3;
                var x = KernelData.Singles(1, count * stride);
                var single = KernelData.Singles(2, depth * Panel);
                var brain = KernelData.Brains(3, depth * Panel);
                var next = new byte[64 * depth];
                foreach (var asks in new[] { false, true })
                {
                    var (y, yBrain) = (Filled(Tiles.Height * Panel), Filled(Tiles.Height * Panel));
                    fixed (float* px = x, pw = single, py = y, pyBrain = yBrain)
                    fixed (ushort* pb = brain)
                    fixed (byte* pn = next)
                    {
                        TTiles.Linear<float, Single32>(px, stride, depth, pw, py, count, asks ? pn : null);
                        TTiles.Linear<ushort, Brain16>(px, stride, depth, pb, pyBrain, count, asks ? pn : null);
                    }

                    var wide = KernelData.Wide(brain);
                    AssertBits(y, (r, c) => r < count ? Chain(depth, 0, k => x[(r * stride) + k], k => single[(k * Panel) + c]) : Untouched);
                    AssertBits(yBrain, (r, c) => r < count ? Chain(depth, 0, k => x[(r * stride) + k], k => wide[(k * Panel) + c]) : Untouched);
                }
            }
        }
    }

    private static void OuterOf<TTiles>()
        where TTiles : ITiles
    {
        foreach (var count in new[] { 1, 2, 63, 130 })
        {
            var a = KernelData.Singles(1, count * Tiles.Height);
            var b = KernelData.Singles(2, count * Panel);
            var sums = Filled(Tiles.Height * Panel);
            fixed (float* pa = a, pb = b, ps = sums)
            {
                TTiles.Outer(pa, pb, count, ps);
            }

            AssertBits(sums, (r, c) => Chain(count, 0, k => a[(k * Tiles.Height) + r], k => b[(k * Panel) + c]));
        }
    }

    private static void ScoresOf<TTiles>()
        where TTiles : ITiles
    {
        foreach (var (size, blocks) in new[] { (1, 1), (5, 2), (64, 3), (33, 7) })
        {
            var (stride, scoreStride) = (size + 2, (blocks * 16) + 16);
            var queries = KernelData.Singles(1, Tiles.Height * stride);
            var keys = KernelData.Singles(2, blocks * size * 16);
            var scores = Filled(Tiles.Height * scoreStride);
            fixed (float* pq = queries, pk = keys, ps = scores)
            {
                TTiles.Scores(pq, stride, pk, size, blocks, ps, scoreStride);
            }

            AssertBits(scores, scoreStride, (r, c) => c >= blocks * 16
                ? Untouched
                : Chain(size, 0, k => queries[(r * stride) + k], k => keys[(((c / 16 * size) + k) * 16) + (c % 16)]));
        }
    }

    private static void MultiplyOf<TTiles>()
        where TTiles : ITiles
    {
        foreach (var depth in new[] { 1, 2, 16, 77 })
        {
            foreach (var byColumns in new[] { false, true })
            {
                foreach (var adds in new[] { false, true })
                {
                    var (rowStride, depthStride) = byColumns ? (1, Tiles.Height + 1) : (depth + 2, 1);
                    var (bStride, cStride) = (Tiles.Columns + 5, Tiles.Columns + 4);
                    var a = KernelData.Singles(1, (Tiles.Height * (depth + 2)) + depth);
                    var b = KernelData.Singles(2, depth * bStride);
                    var before = KernelData.Singles(3, Tiles.Height * cStride);
                    var c = (float[])before.Clone();
                    fixed (float* pa = a, pb = b, pc = c)
                    {
                        TTiles.Multiply(pa, rowStride, depthStride, pb, bStride, depth, pc, cStride, adds);
                    }

                    AssertBits(c, cStride, (r, n) => n >= Tiles.Columns
                        ? before[(r * cStride) + n]
                        : Chain(
                            depth, adds ? before[(r * cStride) + n] : 0, k => a[(r * rowStride) + (k * depthStride)],
                            k => b[(k * bStride) + n]));
                }
            }
        }
    }

    private static float Chain(int depth, float start, Func<int, float> left, Func<int, float> right)
    {
        for (var k = 0; k < depth; k++)
        {
            start = MathF.FusedMultiplyAdd(left(k), right(k), start);
        }

        return start;
    }

    private static float[] Filled(int count) => [.. Enumerable.Repeat(Untouched, count)];

    private static void AssertBits(float[] actual, Func<int, int, float> expected) => AssertBits(actual, Panel, expected);

    private static void AssertBits(float[] actual, int stride, Func<int, int, float> expected) => Assert.Equal(
        Enumerable.Range(0, actual.Length).Select(i => BitConverter.SingleToInt32Bits(expected(i / stride, i % stride))),
        actual.Select(BitConverter.SingleToInt32Bits));
}
