using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Reft.Numerics.Kernels;

/// <summary>Tiles of 256-bit vectors: twelve of the 16 registers hold six rows of 16 columns, or four of 24, or two of 48.</summary>
internal readonly unsafe struct Tiles256 : ITiles
{
    private const int Lanes = AttentionKernel.Lanes;
    private const int Panel = PackedWeight.PanelWidth;

    /// <inheritdoc/>
    public static int Rows => 6;

    /// <inheritdoc/>
    public static void Linear<T, TElement>(float* x, int stride, int depth, T* panel, float* y, int count, byte* ahead)
        where T : unmanaged
        where TElement : IElement<T>
    {
        if (count == Rows)
        {
            if (ahead != null && Sse.IsSupported)
            {
                SixRows<T, TElement, Ahead>(x, stride, depth, panel, y, ahead);
            }
            else
            {
                SixRows<T, TElement, NotAhead>(x, stride, depth, panel, y, null);
            }

            SixRows<T, TElement, NotAhead>(x, stride, depth, panel + 16, y + 16, null);
            SixRows<T, TElement, NotAhead>(x, stride, depth, panel + 32, y + 32, null);
            return;
        }

        if (count >= 4)
        {
            FourRows<T, TElement>(x, stride, 1, depth, panel, y);
            FourRows<T, TElement>(x, stride, 1, depth, panel + 24, y + 24);
            x += 4L * stride;
            y += 4L * Panel;
            count -= 4;
        }

        if (count >= 2)
        {
            TwoRows<T, TElement>(x, stride, depth, panel, y);
            x += 2L * stride;
            y += 2L * Panel;
            count -= 2;
        }

        if (count == 1)
        {
            OneRow<T, TElement>(x, depth, panel, y);
        }
    }

    /// <inheritdoc/>
    public static void Outer(float* a, float* panel, int count, float* sums)
    {
        FourRows<float, Single32>(a, 1, Tiles.Height, count, panel, sums);
        FourRows<float, Single32>(a, 1, Tiles.Height, count, panel + 24, sums + 24);
        FourRows<float, Single32>(a + 4, 1, Tiles.Height, count, panel, sums + (4 * Panel));
        FourRows<float, Single32>(a + 4, 1, Tiles.Height, count, panel + 24, sums + (4 * Panel) + 24);
    }

    /// <inheritdoc/>
    public static void Scores(float* queries, int stride, float* keys, int size, int blocks, float* scores, int scoreStride)
    {
        for (; blocks > 0; blocks--, keys += (long)size * Lanes, scores += Lanes)
        {
            FourBySixteen(queries, stride, 1, keys, Lanes, size, scores, scoreStride, adds: false);
            FourBySixteen(
                queries + (4L * stride), stride, 1, keys, Lanes, size, scores + (4L * scoreStride), scoreStride, adds: false);
        }
    }

    /// <inheritdoc/>
    public static void Multiply(
        float* a, nint rowStride, nint depthStride, float* b, nint bStride, int depth, float* c, nint cStride, bool adds)
    {
        for (var column = 0; column < Tiles.Columns; column += 16)
        {
            FourBySixteen(a, rowStride, depthStride, b + column, bStride, depth, c + column, cStride, adds);
            FourBySixteen(
                a + (4 * rowStride), rowStride, depthStride, b + column, bStride, depth, c + (4 * cStride) + column, cStride, adds);
        }
    }

    /// <summary>Six rows of sixteen outputs of a panel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SixRows<T, TElement, TAhead>(float* x, int stride, int depth, T* panel, float* y, byte* ahead)
        where T : unmanaged
        where TElement : IElement<T>
    {
        Vector256<float> a0 = default, b0 = default, a1 = default, b1 = default, a2 = default, b2 = default;
        Vector256<float> a3 = default, b3 = default, a4 = default, b4 = default, a5 = default, b5 = default;
        var x1 = x + stride;
        var x2 = x1 + stride;
        var x3 = x2 + stride;
        var x4 = x3 + stride;
        var x5 = x4 + stride;
        for (nint k = 0; k < depth; k++)
        {
            var wa = TElement.LoadHalf(panel);
            var wb = TElement.LoadHalf(panel + 8);
            if (typeof(TAhead) == typeof(Ahead))
            {
                Sse.Prefetch1(ahead + (k * 64));
            }

            panel += Panel;
            var v = Vector256.Create(x[k]);
            a0 = Vector256.FusedMultiplyAdd(v, wa, a0);
            b0 = Vector256.FusedMultiplyAdd(v, wb, b0);
            v = Vector256.Create(x1[k]);
            a1 = Vector256.FusedMultiplyAdd(v, wa, a1);
            b1 = Vector256.FusedMultiplyAdd(v, wb, b1);
            v = Vector256.Create(x2[k]);
            a2 = Vector256.FusedMultiplyAdd(v, wa, a2);
            b2 = Vector256.FusedMultiplyAdd(v, wb, b2);
            v = Vector256.Create(x3[k]);
            a3 = Vector256.FusedMultiplyAdd(v, wa, a3);
            b3 = Vector256.FusedMultiplyAdd(v, wb, b3);
            v = Vector256.Create(x4[k]);
            a4 = Vector256.FusedMultiplyAdd(v, wa, a4);
            b4 = Vector256.FusedMultiplyAdd(v, wb, b4);
            v = Vector256.Create(x5[k]);
            a5 = Vector256.FusedMultiplyAdd(v, wa, a5);
            b5 = Vector256.FusedMultiplyAdd(v, wb, b5);
        }

        Store(y, a0, b0);
        Store(y += Panel, a1, b1);
        Store(y += Panel, a2, b2);
        Store(y += Panel, a3, b3);
        Store(y += Panel, a4, b4);
        Store(y + Panel, a5, b5);
    }

    /// <summary>Four rows of 24 outputs of a panel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourRows<T, TElement>(float* x, nint rowStride, nint depthStride, int depth, T* panel, float* y)
        where T : unmanaged
        where TElement : IElement<T>
    {
        Vector256<float> a0 = default, b0 = default, c0 = default, a1 = default, b1 = default, c1 = default;
        Vector256<float> a2 = default, b2 = default, c2 = default, a3 = default, b3 = default, c3 = default;
        var x2 = x + (2 * rowStride);
        for (nint k = 0; k < depth; k++, x += depthStride, x2 += depthStride, panel += Panel)
        {
            var wa = TElement.LoadHalf(panel);
            var wb = TElement.LoadHalf(panel + 8);
            var wc = TElement.LoadHalf(panel + 16);
            var v = Vector256.Create(*x);
            a0 = Vector256.FusedMultiplyAdd(v, wa, a0);
            b0 = Vector256.FusedMultiplyAdd(v, wb, b0);
            c0 = Vector256.FusedMultiplyAdd(v, wc, c0);
            v = Vector256.Create(x[rowStride]);
            a1 = Vector256.FusedMultiplyAdd(v, wa, a1);
            b1 = Vector256.FusedMultiplyAdd(v, wb, b1);
            c1 = Vector256.FusedMultiplyAdd(v, wc, c1);
            v = Vector256.Create(*x2);
            a2 = Vector256.FusedMultiplyAdd(v, wa, a2);
            b2 = Vector256.FusedMultiplyAdd(v, wb, b2);
            c2 = Vector256.FusedMultiplyAdd(v, wc, c2);
            v = Vector256.Create(x2[rowStride]);
            a3 = Vector256.FusedMultiplyAdd(v, wa, a3);
            b3 = Vector256.FusedMultiplyAdd(v, wb, b3);
            c3 = Vector256.FusedMultiplyAdd(v, wc, c3);
        }

        Store(y, a0, b0, c0);
        Store(y += Panel, a1, b1, c1);
        Store(y += Panel, a2, b2, c2);
        Store(y + Panel, a3, b3, c3);
    }

    /// <summary>Two rows of a whole panel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TwoRows<T, TElement>(float* x, int stride, int depth, T* panel, float* y)
        where T : unmanaged
        where TElement : IElement<T>
    {
        Vector256<float> a0 = default, b0 = default, c0 = default, d0 = default, e0 = default, f0 = default;
        Vector256<float> a1 = default, b1 = default, c1 = default, d1 = default, e1 = default, f1 = default;
        var x1 = x + stride;
        for (nint k = 0; k < depth; k++, panel += Panel)
        {
            var v0 = Vector256.Create(x[k]);
            var v1 = Vector256.Create(x1[k]);
            var w = TElement.LoadHalf(panel);
            a0 = Vector256.FusedMultiplyAdd(v0, w, a0);
            a1 = Vector256.FusedMultiplyAdd(v1, w, a1);
            w = TElement.LoadHalf(panel + 8);
            b0 = Vector256.FusedMultiplyAdd(v0, w, b0);
            b1 = Vector256.FusedMultiplyAdd(v1, w, b1);
            w = TElement.LoadHalf(panel + 16);
            c0 = Vector256.FusedMultiplyAdd(v0, w, c0);
            c1 = Vector256.FusedMultiplyAdd(v1, w, c1);
            w = TElement.LoadHalf(panel + 24);
            d0 = Vector256.FusedMultiplyAdd(v0, w, d0);
            d1 = Vector256.FusedMultiplyAdd(v1, w, d1);
            w = TElement.LoadHalf(panel + 32);
            e0 = Vector256.FusedMultiplyAdd(v0, w, e0);
            e1 = Vector256.FusedMultiplyAdd(v1, w, e1);
            w = TElement.LoadHalf(panel + 40);
            f0 = Vector256.FusedMultiplyAdd(v0, w, f0);
            f1 = Vector256.FusedMultiplyAdd(v1, w, f1);
        }

        Store(y, a0, b0, c0);
        Store(y + 24, d0, e0, f0);
        Store(y + Panel, a1, b1, c1);
        Store(y + Panel + 24, d1, e1, f1);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void OneRow<T, TElement>(float* x, int depth, T* panel, float* y)
        where T : unmanaged
        where TElement : IElement<T>
    {
        Vector256<float> a = default, b = default, c = default, d = default, e = default, f = default;
        for (nint k = 0; k < depth; k++, panel += Panel)
        {
            var v = Vector256.Create(x[k]);
            a = Vector256.FusedMultiplyAdd(v, TElement.LoadHalf(panel), a);
            b = Vector256.FusedMultiplyAdd(v, TElement.LoadHalf(panel + 8), b);
            c = Vector256.FusedMultiplyAdd(v, TElement.LoadHalf(panel + 16), c);
            d = Vector256.FusedMultiplyAdd(v, TElement.LoadHalf(panel + 24), d);
            e = Vector256.FusedMultiplyAdd(v, TElement.LoadHalf(panel + 32), e);
            f = Vector256.FusedMultiplyAdd(v, TElement.LoadHalf(panel + 40), f);
        }

        Store(y, a, b, c);
        Store(y + 24, d, e, f);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourBySixteen(
        float* a, nint rowStride, nint depthStride, float* b, nint bStride, int depth, float* c, nint cStride, bool adds)
    {
        Vector256<float> a0 = default, b0 = default, a1 = default, b1 = default;
        Vector256<float> a2 = default, b2 = default, a3 = default, b3 = default;
        var third = c + (2 * cStride);
        if (adds)
        {
            (a0, b0) = (Vector256.Load(c), Vector256.Load(c + 8));
            (a1, b1) = (Vector256.Load(c + cStride), Vector256.Load(c + cStride + 8));
            (a2, b2) = (Vector256.Load(third), Vector256.Load(third + 8));
            (a3, b3) = (Vector256.Load(third + cStride), Vector256.Load(third + cStride + 8));
        }

        var x2 = a + (2 * rowStride);
        for (var k = 0; k < depth; k++, a += depthStride, x2 += depthStride, b += bStride)
        {
            var wa = Vector256.Load(b);
            var wb = Vector256.Load(b + 8);
            var v = Vector256.Create(*a);
            a0 = Vector256.FusedMultiplyAdd(v, wa, a0);
            b0 = Vector256.FusedMultiplyAdd(v, wb, b0);
            v = Vector256.Create(a[rowStride]);
            a1 = Vector256.FusedMultiplyAdd(v, wa, a1);
            b1 = Vector256.FusedMultiplyAdd(v, wb, b1);
            v = Vector256.Create(*x2);
            a2 = Vector256.FusedMultiplyAdd(v, wa, a2);
            b2 = Vector256.FusedMultiplyAdd(v, wb, b2);
            v = Vector256.Create(x2[rowStride]);
            a3 = Vector256.FusedMultiplyAdd(v, wa, a3);
            b3 = Vector256.FusedMultiplyAdd(v, wb, b3);
        }

        Store(c, a0, b0);
        Store(c + cStride, a1, b1);
        Store(third, a2, b2);
        Store(third + cStride, a3, b3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* row, Vector256<float> a, Vector256<float> b)
    {
        a.Store(row);
        b.Store(row + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* row, Vector256<float> a, Vector256<float> b, Vector256<float> c)
    {
        a.Store(row);
        b.Store(row + 8);
        c.Store(row + 16);
    }

    /// <summary>The kernel asks for memory that is needed later.</summary>
    private readonly struct Ahead;

    /// <summary>It does not.</summary>
    private readonly struct NotAhead;
}
