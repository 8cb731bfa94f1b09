using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Reft.Numerics.Kernels;

/// <summary>Tiles of 512-bit vectors: 24 of the 32 registers hold eight rows of 48 columns.</summary>
internal readonly unsafe struct Tiles512 : ITiles
{
    private const int Lanes = AttentionKernel.Lanes;
    private const int Panel = PackedWeight.PanelWidth;

    /// <inheritdoc/>
    public static int Rows => 8;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Linear<T, TElement>(float* x, int stride, int depth, T* panel, float* y, int count, byte* ahead)
        where T : unmanaged
        where TElement : IElement<T>
    {
        if (count == Rows)
        {
            if (ahead != null && Sse.IsSupported)
            {
                Kernel8<T, TElement, Ahead>(x, stride, depth, panel, y, ahead);
            }
            else
            {
                Kernel8<T, TElement, NotAhead>(x, stride, depth, panel, y, null);
            }

            return;
        }

        while (count >= 4)
        {
            Kernel4<T, TElement>(x, stride, depth, panel, y);
            x += 4L * stride;
            y += 4L * PackedWeight.PanelWidth;
            count -= 4;
        }

        while (count > 0)
        {
            Kernel1<T, TElement>(x, depth, panel, y);
            x += stride;
            y += PackedWeight.PanelWidth;
            count--;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Kernel8<T, TElement, TAhead>(float* x, int stride, int depth, T* panel, float* y, byte* ahead)
        where T : unmanaged
        where TElement : IElement<T>
    {
        Vector512<float> a0 = default, b0 = default, c0 = default, a1 = default, b1 = default, c1 = default;
        Vector512<float> a2 = default, b2 = default, c2 = default, a3 = default, b3 = default, c3 = default;
        Vector512<float> a4 = default, b4 = default, c4 = default, a5 = default, b5 = default, c5 = default;
        Vector512<float> a6 = default, b6 = default, c6 = default, a7 = default, b7 = default, c7 = default;
        var x1 = x + stride;
        var x2 = x1 + stride;
        var x3 = x2 + stride;
        var x4 = x3 + stride;
        var x5 = x4 + stride;
        var x6 = x5 + stride;
        var x7 = x6 + stride;
        for (nint k = 0; k < depth; k++)
        {
            var wa = TElement.Load(panel);
            var wb = TElement.Load(panel + 16);
            var wc = TElement.Load(panel + 32);
            if (typeof(TAhead) == typeof(Ahead))
            {
                Sse.Prefetch1(ahead + (k * 64));
            }

            panel += PackedWeight.PanelWidth;
            var v = Vector512.Create(x[k]);
            a0 = Vector512.FusedMultiplyAdd(v, wa, a0);
            b0 = Vector512.FusedMultiplyAdd(v, wb, b0);
            c0 = Vector512.FusedMultiplyAdd(v, wc, c0);
            v = Vector512.Create(x1[k]);
            a1 = Vector512.FusedMultiplyAdd(v, wa, a1);
            b1 = Vector512.FusedMultiplyAdd(v, wb, b1);
            c1 = Vector512.FusedMultiplyAdd(v, wc, c1);
            v = Vector512.Create(x2[k]);
            a2 = Vector512.FusedMultiplyAdd(v, wa, a2);
            b2 = Vector512.FusedMultiplyAdd(v, wb, b2);
            c2 = Vector512.FusedMultiplyAdd(v, wc, c2);
            v = Vector512.Create(x3[k]);
            a3 = Vector512.FusedMultiplyAdd(v, wa, a3);
            b3 = Vector512.FusedMultiplyAdd(v, wb, b3);
            c3 = Vector512.FusedMultiplyAdd(v, wc, c3);
            v = Vector512.Create(x4[k]);
            a4 = Vector512.FusedMultiplyAdd(v, wa, a4);
            b4 = Vector512.FusedMultiplyAdd(v, wb, b4);
            c4 = Vector512.FusedMultiplyAdd(v, wc, c4);
            v = Vector512.Create(x5[k]);
            a5 = Vector512.FusedMultiplyAdd(v, wa, a5);
            b5 = Vector512.FusedMultiplyAdd(v, wb, b5);
            c5 = Vector512.FusedMultiplyAdd(v, wc, c5);
            v = Vector512.Create(x6[k]);
            a6 = Vector512.FusedMultiplyAdd(v, wa, a6);
            b6 = Vector512.FusedMultiplyAdd(v, wb, b6);
            c6 = Vector512.FusedMultiplyAdd(v, wc, c6);
            v = Vector512.Create(x7[k]);
            a7 = Vector512.FusedMultiplyAdd(v, wa, a7);
            b7 = Vector512.FusedMultiplyAdd(v, wb, b7);
            c7 = Vector512.FusedMultiplyAdd(v, wc, c7);
        }

        Store(y, a0, b0, c0);
        Store(y += PackedWeight.PanelWidth, a1, b1, c1);
        Store(y += PackedWeight.PanelWidth, a2, b2, c2);
        Store(y += PackedWeight.PanelWidth, a3, b3, c3);
        Store(y += PackedWeight.PanelWidth, a4, b4, c4);
        Store(y += PackedWeight.PanelWidth, a5, b5, c5);
        Store(y += PackedWeight.PanelWidth, a6, b6, c6);
        Store(y + PackedWeight.PanelWidth, a7, b7, c7);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Kernel4<T, TElement>(float* x, int stride, int depth, T* panel, float* y)
        where T : unmanaged
        where TElement : IElement<T>
    {
        Vector512<float> a0 = default, b0 = default, c0 = default, a1 = default, b1 = default, c1 = default;
        Vector512<float> a2 = default, b2 = default, c2 = default, a3 = default, b3 = default, c3 = default;
        var x1 = x + stride;
        var x2 = x1 + stride;
        var x3 = x2 + stride;
        for (nint k = 0; k < depth; k++)
        {
            var wa = TElement.Load(panel);
            var wb = TElement.Load(panel + 16);
            var wc = TElement.Load(panel + 32);
            panel += PackedWeight.PanelWidth;
            var v = Vector512.Create(x[k]);
            a0 = Vector512.FusedMultiplyAdd(v, wa, a0);
            b0 = Vector512.FusedMultiplyAdd(v, wb, b0);
            c0 = Vector512.FusedMultiplyAdd(v, wc, c0);
            v = Vector512.Create(x1[k]);
            a1 = Vector512.FusedMultiplyAdd(v, wa, a1);
            b1 = Vector512.FusedMultiplyAdd(v, wb, b1);
            c1 = Vector512.FusedMultiplyAdd(v, wc, c1);
            v = Vector512.Create(x2[k]);
            a2 = Vector512.FusedMultiplyAdd(v, wa, a2);
            b2 = Vector512.FusedMultiplyAdd(v, wb, b2);
            c2 = Vector512.FusedMultiplyAdd(v, wc, c2);
            v = Vector512.Create(x3[k]);
            a3 = Vector512.FusedMultiplyAdd(v, wa, a3);
            b3 = Vector512.FusedMultiplyAdd(v, wb, b3);
            c3 = Vector512.FusedMultiplyAdd(v, wc, c3);
        }

        Store(y, a0, b0, c0);
        Store(y += PackedWeight.PanelWidth, a1, b1, c1);
        Store(y += PackedWeight.PanelWidth, a2, b2, c2);
        Store(y + PackedWeight.PanelWidth, a3, b3, c3);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Kernel1<T, TElement>(float* x, int depth, T* panel, float* y)
        where T : unmanaged
        where TElement : IElement<T>
    {
        Vector512<float> a = default, b = default, c = default;
        for (nint k = 0; k < depth; k++)
        {
            var v = Vector512.Create(x[k]);
            a = Vector512.FusedMultiplyAdd(v, TElement.Load(panel), a);
            b = Vector512.FusedMultiplyAdd(v, TElement.Load(panel + 16), b);
            c = Vector512.FusedMultiplyAdd(v, TElement.Load(panel + 32), c);
            panel += PackedWeight.PanelWidth;
        }

        Store(y, a, b, c);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Outer(float* a, float* panel, int count, float* sums)
    {
        Vector512<float> a0 = default, b0 = default, c0 = default, a1 = default, b1 = default, c1 = default;
        Vector512<float> a2 = default, b2 = default, c2 = default, a3 = default, b3 = default, c3 = default;
        Vector512<float> a4 = default, b4 = default, c4 = default, a5 = default, b5 = default, c5 = default;
        Vector512<float> a6 = default, b6 = default, c6 = default, a7 = default, b7 = default, c7 = default;
        for (var end = a + ((long)count * Tiles.Height); a < end; a += Tiles.Height, panel += Panel)
        {
            var wa = Vector512.Load(panel);
            var wb = Vector512.Load(panel + 16);
            var wc = Vector512.Load(panel + 32);
            var v = Vector512.Create(a[0]);
            a0 = Vector512.FusedMultiplyAdd(v, wa, a0);
            b0 = Vector512.FusedMultiplyAdd(v, wb, b0);
            c0 = Vector512.FusedMultiplyAdd(v, wc, c0);
            v = Vector512.Create(a[1]);
            a1 = Vector512.FusedMultiplyAdd(v, wa, a1);
            b1 = Vector512.FusedMultiplyAdd(v, wb, b1);
            c1 = Vector512.FusedMultiplyAdd(v, wc, c1);
            v = Vector512.Create(a[2]);
            a2 = Vector512.FusedMultiplyAdd(v, wa, a2);
            b2 = Vector512.FusedMultiplyAdd(v, wb, b2);
            c2 = Vector512.FusedMultiplyAdd(v, wc, c2);
            v = Vector512.Create(a[3]);
            a3 = Vector512.FusedMultiplyAdd(v, wa, a3);
            b3 = Vector512.FusedMultiplyAdd(v, wb, b3);
            c3 = Vector512.FusedMultiplyAdd(v, wc, c3);
            v = Vector512.Create(a[4]);
            a4 = Vector512.FusedMultiplyAdd(v, wa, a4);
            b4 = Vector512.FusedMultiplyAdd(v, wb, b4);
            c4 = Vector512.FusedMultiplyAdd(v, wc, c4);
            v = Vector512.Create(a[5]);
            a5 = Vector512.FusedMultiplyAdd(v, wa, a5);
            b5 = Vector512.FusedMultiplyAdd(v, wb, b5);
            c5 = Vector512.FusedMultiplyAdd(v, wc, c5);
            v = Vector512.Create(a[6]);
            a6 = Vector512.FusedMultiplyAdd(v, wa, a6);
            b6 = Vector512.FusedMultiplyAdd(v, wb, b6);
            c6 = Vector512.FusedMultiplyAdd(v, wc, c6);
            v = Vector512.Create(a[7]);
            a7 = Vector512.FusedMultiplyAdd(v, wa, a7);
            b7 = Vector512.FusedMultiplyAdd(v, wb, b7);
            c7 = Vector512.FusedMultiplyAdd(v, wc, c7);
        }

        Store(sums, a0, b0, c0);
        Store(sums + Panel, a1, b1, c1);
        Store(sums + (2 * Panel), a2, b2, c2);
        Store(sums + (3 * Panel), a3, b3, c3);
        Store(sums + (4 * Panel), a4, b4, c4);
        Store(sums + (5 * Panel), a5, b5, c5);
        Store(sums + (6 * Panel), a6, b6, c6);
        Store(sums + (7 * Panel), a7, b7, c7);
    }

    /// <inheritdoc/>
    public static void Scores(
        float* queries, int stride, float* keys, int size, int blocks, float* scores, int scoreStride)
    {
        var block = (long)size * Lanes;
        for (; blocks >= 3; blocks -= 3, keys += 3 * block, scores += 3 * Lanes)
        {
            ThreeBlocks(queries, stride, keys, size, scores, scoreStride);
        }

        for (; blocks > 0; blocks--, keys += block, scores += Lanes)
        {
            OneBlock(queries, stride, keys, size, scores, scoreStride);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(
        float* a, nint rowStride, nint depthStride, float* b, nint bStride, int depth, float* c, nint cStride, bool adds)
    {
        Vector512<float> a0 = default, b0 = default, a1 = default, b1 = default, a2 = default, b2 = default;
        Vector512<float> a3 = default, b3 = default, a4 = default, b4 = default, a5 = default, b5 = default;
        Vector512<float> a6 = default, b6 = default, a7 = default, b7 = default;
        if (adds)
        {
            (a0, b0) = (Vector512.Load(c), Vector512.Load(c + 16));
            (a1, b1) = (Vector512.Load(c + cStride), Vector512.Load(c + cStride + 16));
            (a2, b2) = (Vector512.Load(c + (2 * cStride)), Vector512.Load(c + (2 * cStride) + 16));
            (a3, b3) = (Vector512.Load(c + (3 * cStride)), Vector512.Load(c + (3 * cStride) + 16));
            (a4, b4) = (Vector512.Load(c + (4 * cStride)), Vector512.Load(c + (4 * cStride) + 16));
            (a5, b5) = (Vector512.Load(c + (5 * cStride)), Vector512.Load(c + (5 * cStride) + 16));
            (a6, b6) = (Vector512.Load(c + (6 * cStride)), Vector512.Load(c + (6 * cStride) + 16));
            (a7, b7) = (Vector512.Load(c + (7 * cStride)), Vector512.Load(c + (7 * cStride) + 16));
        }

        var r1 = a + rowStride;
        var r2 = r1 + rowStride;
        var r3 = r2 + rowStride;
        var r4 = r3 + rowStride;
        var r5 = r4 + rowStride;
        var r6 = r5 + rowStride;
        var r7 = r6 + rowStride;
        nint at = 0;
        for (var k = 0; k < depth; k++, at += depthStride, b += bStride)
        {
            var wa = Vector512.Load(b);
            var wb = Vector512.Load(b + 16);
            var v = Vector512.Create(a[at]);
            a0 = Vector512.FusedMultiplyAdd(v, wa, a0);
            b0 = Vector512.FusedMultiplyAdd(v, wb, b0);
            v = Vector512.Create(r1[at]);
            a1 = Vector512.FusedMultiplyAdd(v, wa, a1);
            b1 = Vector512.FusedMultiplyAdd(v, wb, b1);
            v = Vector512.Create(r2[at]);
            a2 = Vector512.FusedMultiplyAdd(v, wa, a2);
            b2 = Vector512.FusedMultiplyAdd(v, wb, b2);
            v = Vector512.Create(r3[at]);
            a3 = Vector512.FusedMultiplyAdd(v, wa, a3);
            b3 = Vector512.FusedMultiplyAdd(v, wb, b3);
            v = Vector512.Create(r4[at]);
            a4 = Vector512.FusedMultiplyAdd(v, wa, a4);
            b4 = Vector512.FusedMultiplyAdd(v, wb, b4);
            v = Vector512.Create(r5[at]);
            a5 = Vector512.FusedMultiplyAdd(v, wa, a5);
            b5 = Vector512.FusedMultiplyAdd(v, wb, b5);
            v = Vector512.Create(r6[at]);
            a6 = Vector512.FusedMultiplyAdd(v, wa, a6);
            b6 = Vector512.FusedMultiplyAdd(v, wb, b6);
            v = Vector512.Create(r7[at]);
            a7 = Vector512.FusedMultiplyAdd(v, wa, a7);
            b7 = Vector512.FusedMultiplyAdd(v, wb, b7);
        }

        Store(c, a0, b0);
        Store(c += cStride, a1, b1);
        Store(c += cStride, a2, b2);
        Store(c += cStride, a3, b3);
        Store(c += cStride, a4, b4);
        Store(c += cStride, a5, b5);
        Store(c += cStride, a6, b6);
        Store(c + cStride, a7, b7);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* row, Vector512<float> a, Vector512<float> b)
    {
        a.Store(row);
        b.Store(row + 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* row, Vector512<float> a, Vector512<float> b, Vector512<float> c)
    {
        a.Store(row);
        b.Store(row + 16);
        c.Store(row + 32);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ThreeBlocks(float* x, int stride, float* keys, int size, float* s, int scoreStride)
    {
        Vector512<float> a0 = default, b0 = default, c0 = default, a1 = default, b1 = default, c1 = default;
        Vector512<float> a2 = default, b2 = default, c2 = default, a3 = default, b3 = default, c3 = default;
        Vector512<float> a4 = default, b4 = default, c4 = default, a5 = default, b5 = default, c5 = default;
        Vector512<float> a6 = default, b6 = default, c6 = default, a7 = default, b7 = default, c7 = default;
        var x1 = x + stride;
        var x2 = x1 + stride;
        var x3 = x2 + stride;
        var x4 = x3 + stride;
        var x5 = x4 + stride;
        var x6 = x5 + stride;
        var x7 = x6 + stride;
        var second = keys + ((long)size * Lanes);
        var third = second + ((long)size * Lanes);
        for (nint k = 0; k < size; k++)
        {
            var wa = Vector512.Load(keys + (k * Lanes));
            var wb = Vector512.Load(second + (k * Lanes));
            var wc = Vector512.Load(third + (k * Lanes));
            var v = Vector512.Create(x[k]);
            a0 = Vector512.FusedMultiplyAdd(v, wa, a0);
            b0 = Vector512.FusedMultiplyAdd(v, wb, b0);
            c0 = Vector512.FusedMultiplyAdd(v, wc, c0);
            v = Vector512.Create(x1[k]);
            a1 = Vector512.FusedMultiplyAdd(v, wa, a1);
            b1 = Vector512.FusedMultiplyAdd(v, wb, b1);
            c1 = Vector512.FusedMultiplyAdd(v, wc, c1);
            v = Vector512.Create(x2[k]);
            a2 = Vector512.FusedMultiplyAdd(v, wa, a2);
            b2 = Vector512.FusedMultiplyAdd(v, wb, b2);
            c2 = Vector512.FusedMultiplyAdd(v, wc, c2);
            v = Vector512.Create(x3[k]);
            a3 = Vector512.FusedMultiplyAdd(v, wa, a3);
            b3 = Vector512.FusedMultiplyAdd(v, wb, b3);
            c3 = Vector512.FusedMultiplyAdd(v, wc, c3);
            v = Vector512.Create(x4[k]);
            a4 = Vector512.FusedMultiplyAdd(v, wa, a4);
            b4 = Vector512.FusedMultiplyAdd(v, wb, b4);
            c4 = Vector512.FusedMultiplyAdd(v, wc, c4);
            v = Vector512.Create(x5[k]);
            a5 = Vector512.FusedMultiplyAdd(v, wa, a5);
            b5 = Vector512.FusedMultiplyAdd(v, wb, b5);
            c5 = Vector512.FusedMultiplyAdd(v, wc, c5);
            v = Vector512.Create(x6[k]);
            a6 = Vector512.FusedMultiplyAdd(v, wa, a6);
            b6 = Vector512.FusedMultiplyAdd(v, wb, b6);
            c6 = Vector512.FusedMultiplyAdd(v, wc, c6);
            v = Vector512.Create(x7[k]);
            a7 = Vector512.FusedMultiplyAdd(v, wa, a7);
            b7 = Vector512.FusedMultiplyAdd(v, wb, b7);
            c7 = Vector512.FusedMultiplyAdd(v, wc, c7);
        }

        Store(s, a0, b0, c0);
        Store(s += scoreStride, a1, b1, c1);
        Store(s += scoreStride, a2, b2, c2);
        Store(s += scoreStride, a3, b3, c3);
        Store(s += scoreStride, a4, b4, c4);
        Store(s += scoreStride, a5, b5, c5);
        Store(s += scoreStride, a6, b6, c6);
        Store(s + scoreStride, a7, b7, c7);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void OneBlock(float* x, int stride, float* keys, int size, float* s, int scoreStride)
    {
        Vector512<float> a0 = default, a1 = default, a2 = default, a3 = default;
        Vector512<float> a4 = default, a5 = default, a6 = default, a7 = default;
        var x2 = x + (2L * stride);
        var x4 = x + (4L * stride);
        var x6 = x + (6L * stride);
        for (nint k = 0; k < size; k++)
        {
            var w = Vector512.Load(keys + (k * Lanes));
            a0 = Vector512.FusedMultiplyAdd(Vector512.Create(x[k]), w, a0);
            a1 = Vector512.FusedMultiplyAdd(Vector512.Create(x[k + stride]), w, a1);
            a2 = Vector512.FusedMultiplyAdd(Vector512.Create(x2[k]), w, a2);
            a3 = Vector512.FusedMultiplyAdd(Vector512.Create(x2[k + stride]), w, a3);
            a4 = Vector512.FusedMultiplyAdd(Vector512.Create(x4[k]), w, a4);
            a5 = Vector512.FusedMultiplyAdd(Vector512.Create(x4[k + stride]), w, a5);
            a6 = Vector512.FusedMultiplyAdd(Vector512.Create(x6[k]), w, a6);
            a7 = Vector512.FusedMultiplyAdd(Vector512.Create(x6[k + stride]), w, a7);
        }

        a0.Store(s);
        a1.Store(s += scoreStride);
        a2.Store(s += scoreStride);
        a3.Store(s += scoreStride);
        a4.Store(s += scoreStride);
        a5.Store(s += scoreStride);
        a6.Store(s += scoreStride);
        a7.Store(s + scoreStride);
    }

    /// <summary>The kernel asks for memory that is needed later.</summary>
    private readonly struct Ahead;

    /// <summary>It does not.</summary>
    private readonly struct NotAhead;
}
