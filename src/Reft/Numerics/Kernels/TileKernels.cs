using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Reft.Numerics.Kernels;

/// <summary>
/// Small products of eight rows, the parts of attention over a block of queries. Every element is one chain of fused
/// multiply-adds in the order of the sum, as in <see cref="AttentionKernel"/>, which computes one row.
/// </summary>
internal static unsafe class TileKernels
{
    /// <summary>Rows of a tile.</summary>
    public const int Rows = 8;

    /// <summary>Columns that <see cref="Multiply"/> computes.</summary>
    public const int Columns = 32;

    private const int Lanes = AttentionKernel.Lanes;

    /// <summary>Scores <c>S = Q Kᵀ</c> of eight queries and some blocks of sixteen keys.</summary>
    /// <param name="queries">Q [8, size], float32.</param>
    /// <param name="stride">Elements from one query to the next.</param>
    /// <param name="keys">Blocks of keys [blocks, size, 16].</param>
    /// <param name="size">The head size.</param>
    /// <param name="blocks">How many blocks.</param>
    /// <param name="scores">S [8, 16 · blocks].</param>
    /// <param name="scoreStride">Elements from one row of S to the next.</param>
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

    /// <summary><c>C = A B</c>, or <c>C += A B</c>, for eight rows and 32 columns.</summary>
    /// <param name="a">A [8, depth].</param>
    /// <param name="rowStride">Elements from one row of A to the next.</param>
    /// <param name="depthStride">Elements from one column of A to the next.</param>
    /// <param name="b">B [depth, 32].</param>
    /// <param name="bStride">Elements from one row of B to the next.</param>
    /// <param name="depth">The length of the sums.</param>
    /// <param name="c">C [8, 32].</param>
    /// <param name="cStride">Elements from one row of C to the next.</param>
    /// <param name="adds">Whether the sums start at what C holds.</param>
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
}
