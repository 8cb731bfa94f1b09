using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Reft.Numerics.Kernels;

/// <summary>
/// Sums of outer products <c>C += Aᵀ B</c>, the gradients of weights: a sum over rows (tokens) that runs in one fixed
/// order, whatever the threads.
/// </summary>
internal static unsafe class OuterProduct
{
    private const int Tile = Tiles.Height;
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
                Tiles.Outer(scratch + ((long)t * Tile * count), packed + ((long)column * count), count, sums);
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
}
