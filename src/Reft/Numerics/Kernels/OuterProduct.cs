using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Reft.Numerics.Kernels;

/// <summary>
/// Sums of outer products <c>C += Aᵀ B</c>, the gradients of weights: a sum over rows (tokens) that runs in one fixed
/// order, whatever the threads.
/// </summary>
internal static unsafe class OuterProduct
{
    private const int Tile = 8;
    private const int RowBlock = 64;
    private const int Panel = PackedWeight.PanelWidth;

    // Tokens that are summed in registers before the result is touched: a block of A and a panel of B fit a core's cache.
    private const int DepthBlock = 1024;

    /// <summary>Adds; every pointer is to row-major data.</summary>
    /// <param name="workers">The threads.</param>
    /// <param name="a">A [N, M].</param>
    /// <param name="b">B [N, K].</param>
    /// <param name="depth">N.</param>
    /// <param name="rows">M.</param>
    /// <param name="columns">K.</param>
    /// <param name="c">C [M, K].</param>
    public static void Add<TA, TAElement, TB, TBElement>(
        Workers workers, TA* a, TB* b, int depth, int rows, int columns, float* c)
        where TA : unmanaged
        where TAElement : IElement<TA>
        where TB : unmanaged
        where TBElement : IElement<TB>
    {
        var panels = (columns + Panel - 1) / Panel;
        for (var first = 0; first < depth; first += DepthBlock)
        {
            var count = Math.Min(DepthBlock, depth - first);
            var packed = workers.InputScratch((long)panels * Panel * count);
            var left = a + ((long)first * rows);
            var right = b + ((long)first * columns);
            workers.For(panels, p => Pack<TB, TBElement>(
                right + ((long)p * Panel), columns, count, Math.Min(Panel, columns - (p * Panel)), Panel,
                packed + ((long)p * Panel * count)));
            workers.For((rows + RowBlock - 1) / RowBlock, block =>
            {
                var row = block * RowBlock;
                Block<TA, TAElement>(
                    left + row, rows, count, Math.Min(RowBlock, rows - row), packed, columns,
                    workers.PanelScratch((long)RowBlock * count), c + ((long)row * columns));
            });
        }
    }

    /// <summary>Copies a strip of columns [count, columns] together, widened, each row filled up with zeros to the width.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Pack<T, TElement>(T* source, int stride, int count, int columns, int width, float* target)
        where T : unmanaged
        where TElement : IElement<T>
    {
        for (var n = 0; n < count; n++, source += stride, target += width)
        {
            var c = 0;
            for (; c + 16 <= columns; c += 16)
            {
                TElement.Load(source + c).Store(target + c);
            }

            for (; c < columns; c++)
            {
                target[c] = TElement.Get(source[c]);
            }

            for (; c < width; c++)
            {
                target[c] = 0;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block<T, TElement>(
        T* a, int stride, int count, int rows, float* packed, int columns, float* scratch, float* c)
        where T : unmanaged
        where TElement : IElement<T>
    {
        var tiles = (rows + Tile - 1) / Tile;
        PackTiles<T, TElement>(a, stride, count, rows, scratch);
        var sums = stackalloc float[Tile * Panel];
        for (var column = 0; column < columns; column += Panel)
        {
            var width = Math.Min(Panel, columns - column);
            for (var t = 0; t < tiles; t++)
            {
                Kernel(scratch + ((long)t * Tile * count), packed + ((long)column * count), count, sums);
                for (var r = 0; r < Math.Min(Tile, rows - (t * Tile)); r++)
                {
                    RowKernels.Add<float, Single32>(
                        c + ((((long)t * Tile) + r) * columns) + column, sums + (r * Panel),
                        c + ((((long)t * Tile) + r) * columns) + column, width);
                }
            }
        }
    }

    /// <summary>Copies columns together by eights, widened: tiles of [count, 8].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackTiles<T, TElement>(T* source, int stride, int count, int columns, float* target)
        where T : unmanaged
        where TElement : IElement<T>
    {
        var whole = columns / Tile;
        for (var n = 0; n < count; n++)
        {
            var row = source + ((long)n * stride);
            var place = target + ((long)n * Tile);
            for (var t = 0; t < whole; t++, row += Tile, place += (long)Tile * count)
            {
                TElement.LoadHalf(row).Store(place);
            }
        }

        if (columns % Tile > 0)
        {
            Pack<T, TElement>(
                source + (whole * Tile), stride, count, columns % Tile, Tile, target + ((long)whole * Tile * count));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Kernel(float* a, float* panel, int count, float* sums)
    {
        Vector512<float> a0 = default, b0 = default, c0 = default, a1 = default, b1 = default, c1 = default;
        Vector512<float> a2 = default, b2 = default, c2 = default, a3 = default, b3 = default, c3 = default;
        Vector512<float> a4 = default, b4 = default, c4 = default, a5 = default, b5 = default, c5 = default;
        Vector512<float> a6 = default, b6 = default, c6 = default, a7 = default, b7 = default, c7 = default;
        for (var end = a + ((long)count * Tile); a < end; a += Tile, panel += Panel)
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* row, Vector512<float> a, Vector512<float> b, Vector512<float> c)
    {
        a.Store(row);
        b.Store(row + 16);
        c.Store(row + 32);
    }
}
