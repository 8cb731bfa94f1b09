using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

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
            var scratch = weight.IsBrainFloat && rowsOfBlock.Last - rowsOfBlock.First > Tiles.Rows
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

        var tile = stackalloc float[Tiles.Height * PackedWeight.PanelWidth];
        var wide = weight.IsBrainFloat
            ? scratch == null ? null : weight.WidenPanel(index, scratch)
            : weight.SinglePanel(index);
        for (var row = firstRow; row < lastRow; row += Tiles.Rows)
        {
            var count = Math.Min(Tiles.Rows, lastRow - row);
            if (wide == null)
            {
                Tiles.Linear<ushort, Brain16>(x + ((long)row * stride), stride, depth, weight.BrainPanel(index), tile, count, null);
            }
            else
            {
                // The next panel comes from memory while this one is computed: a third of it a tile.
                var third = (row - firstRow) / Tiles.Rows;
                var next = weight.IsBrainFloat ? (byte*)weight.BrainPanel(index + 1) : (byte*)weight.SinglePanel(index + 1);
                Tiles.Linear<float, Single32>(
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
}
