using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Reft.Numerics.Kernels;

/// <summary>Tiles of 128-bit vectors, for Arm's 32 registers of them: 16 hold four rows of 16 columns.</summary>
internal readonly unsafe struct Tiles128 : ITiles
{
    private const int Lanes = AttentionKernel.Lanes;
    private const int Panel = PackedWeight.PanelWidth;

    /// <inheritdoc/>
    public static int Rows => 8;

    /// <inheritdoc/>
    public static void Linear<T, TElement>(float* x, int stride, int depth, T* panel, float* y, int count, byte* ahead)
        where T : unmanaged
        where TElement : IElement<T>
    {
        for (; count >= 4; count -= 4, x += 4L * stride, y += 4L * Panel)
        {
            for (var column = 0; column < Panel; column += Lanes)
            {
                FourBySixteen<T, TElement>(x, stride, 1, panel + column, Panel, depth, y + column, Panel, adds: false);
            }
        }

        for (; count > 0; count--, x += stride, y += Panel)
        {
            for (var column = 0; column < Panel; column += Lanes)
            {
                OneRow<T, TElement>(x, depth, panel + column, y + column);
            }
        }
    }

    /// <inheritdoc/>
    public static void Outer(float* a, float* panel, int count, float* sums)
    {
        for (var row = 0; row < Tiles.Height; row += 4)
        {
            for (var column = 0; column < Panel; column += Lanes)
            {
                FourBySixteen<float, Single32>(
                    a + row, 1, Tiles.Height, panel + column, Panel, count, sums + (row * Panel) + column, Panel, adds: false);
            }
        }
    }

    /// <inheritdoc/>
    public static void Scores(float* queries, int stride, float* keys, int size, int blocks, float* scores, int scoreStride)
    {
        for (; blocks > 0; blocks--, keys += (long)size * Lanes, scores += Lanes)
        {
            for (var row = 0L; row < Tiles.Height; row += 4)
            {
                FourBySixteen<float, Single32>(
                    queries + (row * stride), stride, 1, keys, Lanes, size, scores + (row * scoreStride), scoreStride, adds: false);
            }
        }
    }

    /// <inheritdoc/>
    public static void Multiply(
        float* a, nint rowStride, nint depthStride, float* b, nint bStride, int depth, float* c, nint cStride, bool adds)
    {
        for (var row = 0; row < Tiles.Height; row += 4)
        {
            for (var column = 0; column < Tiles.Columns; column += Lanes)
            {
                FourBySixteen<float, Single32>(
                    a + (row * rowStride), rowStride, depthStride, b + column, bStride, depth, c + (row * cStride) + column,
                    cStride, adds);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourBySixteen<T, TElement>(
        float* a, nint rowStride, nint depthStride, T* b, nint bStride, int depth, float* c, nint cStride, bool adds)
        where T : unmanaged
        where TElement : IElement<T>
    {
        Vector128<float> a0 = default, b0 = default, c0 = default, d0 = default, a1 = default, b1 = default, c1 = default, d1 = default;
        Vector128<float> a2 = default, b2 = default, c2 = default, d2 = default, a3 = default, b3 = default, c3 = default, d3 = default;
        var third = c + (2 * cStride);
        if (adds)
        {
            Load(c, out a0, out b0, out c0, out d0);
            Load(c + cStride, out a1, out b1, out c1, out d1);
            Load(third, out a2, out b2, out c2, out d2);
            Load(third + cStride, out a3, out b3, out c3, out d3);
        }

        var x2 = a + (2 * rowStride);
        for (var k = 0; k < depth; k++, a += depthStride, x2 += depthStride, b += bStride)
        {
            var wa = TElement.LoadQuarter(b);
            var wb = TElement.LoadQuarter(b + 4);
            var wc = TElement.LoadQuarter(b + 8);
            var wd = TElement.LoadQuarter(b + 12);
            var v = Vector128.Create(*a);
            a0 = Vector128.FusedMultiplyAdd(v, wa, a0);
            b0 = Vector128.FusedMultiplyAdd(v, wb, b0);
            c0 = Vector128.FusedMultiplyAdd(v, wc, c0);
            d0 = Vector128.FusedMultiplyAdd(v, wd, d0);
            v = Vector128.Create(a[rowStride]);
            a1 = Vector128.FusedMultiplyAdd(v, wa, a1);
            b1 = Vector128.FusedMultiplyAdd(v, wb, b1);
            c1 = Vector128.FusedMultiplyAdd(v, wc, c1);
            d1 = Vector128.FusedMultiplyAdd(v, wd, d1);
            v = Vector128.Create(*x2);
            a2 = Vector128.FusedMultiplyAdd(v, wa, a2);
            b2 = Vector128.FusedMultiplyAdd(v, wb, b2);
            c2 = Vector128.FusedMultiplyAdd(v, wc, c2);
            d2 = Vector128.FusedMultiplyAdd(v, wd, d2);
            v = Vector128.Create(x2[rowStride]);
            a3 = Vector128.FusedMultiplyAdd(v, wa, a3);
            b3 = Vector128.FusedMultiplyAdd(v, wb, b3);
            c3 = Vector128.FusedMultiplyAdd(v, wc, c3);
            d3 = Vector128.FusedMultiplyAdd(v, wd, d3);
        }

        Store(c, a0, b0, c0, d0);
        Store(c + cStride, a1, b1, c1, d1);
        Store(third, a2, b2, c2, d2);
        Store(third + cStride, a3, b3, c3, d3);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void OneRow<T, TElement>(float* x, int depth, T* panel, float* y)
        where T : unmanaged
        where TElement : IElement<T>
    {
        Vector128<float> a = default, b = default, c = default, d = default;
        for (nint k = 0; k < depth; k++, panel += Panel)
        {
            var v = Vector128.Create(x[k]);
            a = Vector128.FusedMultiplyAdd(v, TElement.LoadQuarter(panel), a);
            b = Vector128.FusedMultiplyAdd(v, TElement.LoadQuarter(panel + 4), b);
            c = Vector128.FusedMultiplyAdd(v, TElement.LoadQuarter(panel + 8), c);
            d = Vector128.FusedMultiplyAdd(v, TElement.LoadQuarter(panel + 12), d);
        }

        Store(y, a, b, c, d);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Load(float* row, out Vector128<float> a, out Vector128<float> b, out Vector128<float> c, out Vector128<float> d)
    {
        a = Vector128.Load(row);
        b = Vector128.Load(row + 4);
        c = Vector128.Load(row + 8);
        d = Vector128.Load(row + 12);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* row, Vector128<float> a, Vector128<float> b, Vector128<float> c, Vector128<float> d)
    {
        a.Store(row);
        b.Store(row + 4);
        c.Store(row + 8);
        d.Store(row + 12);
    }
}
