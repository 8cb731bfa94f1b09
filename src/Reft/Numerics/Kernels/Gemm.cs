using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Reft.Numerics.Kernels;

/// <summary>
/// Matrix products <c>Y = X Wᵀ + b</c> whose every element is one chain of fused multiply-adds over k = 0 … K-1.
/// </summary>
/// <remarks>
/// The order of the sum does not depend on the number of rows, on the tile an element falls in, on the thread or on
/// the vector width, so a row's result is the same bits whatever batch it is computed in. Library products
/// choose their blocking by the shape and do not promise that.
/// </remarks>
internal static unsafe class Gemm
{
    /// <summary>The kernel asks for memory that is needed later.</summary>
    private readonly struct Ahead;

    /// <summary>It does not.</summary>
    private readonly struct NotAhead;

    private const int Tile = 8;
    private const int RowBlock = 96;
    private const long WidenPart = 1 << 16;

    /// <summary>Multiplies; every pointer is to row-major data.</summary>
    /// <param name="workers">The threads.</param>
    /// <param name="x">X [M, K].</param>
    /// <param name="rows">M.</param>
    /// <param name="weight">W, packed.</param>
    /// <param name="bias">b [N], or null; added before the result is rounded.</param>
    /// <param name="y">Y [M, N].</param>
    public static void Multiply<TIn, TInElement, TOut, TOutElement>(
        Workers workers, TIn* x, int rows, PackedWeight weight, TIn* bias, TOut* y)
        where TIn : unmanaged
        where TInElement : IElement<TIn>
        where TOut : unmanaged
        where TOutElement : IElement<TOut>
    {
        Multiply<TIn, TInElement, TOut, TOutElement>(
            workers, Widen<TIn, TInElement>(workers, x, rows, weight.Depth), weight.Depth, rows, weight, bias, y);
    }

    /// <summary>Multiplies a part of a wider matrix: the rows of X lie so many elements apart.</summary>
    public static void Multiply(Workers workers, float* x, int stride, int rows, PackedWeight weight, float* y) =>
        Multiply<float, Single32, float, Single32>(workers, x, stride, rows, weight, null, y);

    private static void Multiply<TIn, TInElement, TOut, TOutElement>(
        Workers workers, float* input, int stride, int rows, PackedWeight weight, TIn* bias, TOut* y)
        where TIn : unmanaged
        where TInElement : IElement<TIn>
        where TOut : unmanaged
        where TOutElement : IElement<TOut>
    {
        var panels = weight.Panels;
        var blocks = (rows + RowBlock - 1) / RowBlock;
        var groups = Math.Min(panels, Math.Max(1, workers.Count * 4));
        workers.For(blocks * groups, item =>
        {
            var block = item / groups;
            var group = item % groups;
            var first = (int)((long)panels * group / groups);
            var last = (int)((long)panels * (group + 1) / groups);
            var rowsOfBlock = (First: block * RowBlock, Last: Math.Min(rows, (block + 1) * RowBlock));
            var scratch = weight.IsBrainFloat && rowsOfBlock.Last - rowsOfBlock.First > Tile
                ? workers.PanelScratch(weight.Depth * PackedWeight.PanelWidth)
                : null;
            for (var p = first; p < last; p++)
            {
                Panel<TIn, TInElement, TOut, TOutElement>(
                    input, stride, rowsOfBlock.First, rowsOfBlock.Last, weight, p, scratch, bias, y);
            }
        });
    }

    /// <summary>The input as float32: itself, or a widened copy in the team's scratch memory.</summary>
    private static float* Widen<T, TElement>(Workers workers, T* x, int rows, int depth)
        where T : unmanaged
        where TElement : IElement<T>
    {
        if (typeof(T) == typeof(float))
        {
            return (float*)x;
        }

        var count = (long)rows * depth;
        var wide = workers.InputScratch(count);
        var parts = (int)((count + WidenPart - 1) / WidenPart);
        workers.For(parts, p => RowKernels.Widen<T, TElement>(
            x + (p * WidenPart), wide + (p * WidenPart), Math.Min(WidenPart, count - (p * WidenPart))));
        return wide;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Panel<TIn, TInElement, TOut, TOutElement>(
        float* x, int stride, int firstRow, int lastRow, PackedWeight weight, int index, float* scratch, TIn* bias, TOut* y)
        where TIn : unmanaged
        where TInElement : IElement<TIn>
        where TOut : unmanaged
        where TOutElement : IElement<TOut>
    {
        var depth = weight.Depth;
        var column = index * PackedWeight.PanelWidth;
        var columns = Math.Min(PackedWeight.PanelWidth, weight.Outputs - column);
        var offset = stackalloc float[PackedWeight.PanelWidth];
        new Span<float>(offset, PackedWeight.PanelWidth).Clear();
        for (var c = 0; bias != null && c < columns; c++)
        {
            offset[c] = TInElement.Get(bias[column + c]);
        }

        var tile = stackalloc float[Tile * PackedWeight.PanelWidth];
        var wide = weight.IsBrainFloat
            ? scratch == null ? null : weight.WidenPanel(index, scratch)
            : weight.SinglePanel(index);
        for (var row = firstRow; row < lastRow; row += Tile)
        {
            var count = Math.Min(Tile, lastRow - row);
            if (wide == null)
            {
                RowsOf<ushort, Brain16>(x + ((long)row * stride), stride, depth, weight.BrainPanel(index), tile, count, null);
            }
            else
            {
                // The next panel comes from memory while this one is computed: a third of it a tile.
                var third = (row - firstRow) / Tile;
                var next = weight.IsBrainFloat ? (byte*)weight.BrainPanel(index + 1) : (byte*)weight.SinglePanel(index + 1);
                RowsOf<float, Single32>(
                    x + ((long)row * stride), stride, depth, wide, tile, count, third < 3 ? next + ((long)third * depth * 64) : null);
            }

            for (var r = 0; r < count; r++)
            {
                Finish<TOut, TOutElement>(
                    tile + (r * PackedWeight.PanelWidth), offset, y + ((long)(row + r) * weight.Outputs) + column, columns);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Finish<T, TElement>(float* tile, float* offset, T* y, int columns)
        where T : unmanaged
        where TElement : IElement<T>
    {
        var c = 0;
        for (; c + 16 <= columns; c += 16)
        {
            TElement.Store(y + c, Vector512.Load(tile + c) + Vector512.Load(offset + c));
        }

        for (; c < columns; c++)
        {
            y[c] = TElement.Make(tile[c] + offset[c]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RowsOf<T, TElement>(float* x, int stride, int depth, T* panel, float* y, int count, byte* ahead)
        where T : unmanaged
        where TElement : IElement<T>
    {
        if (count == Tile)
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* y, Vector512<float> a, Vector512<float> b, Vector512<float> c)
    {
        a.Store(y);
        b.Store(y + 16);
        c.Store(y + 32);
    }
}
