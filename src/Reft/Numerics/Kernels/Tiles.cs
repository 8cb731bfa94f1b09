using System.Runtime.Intrinsics;

namespace Reft.Numerics.Kernels;

/// <summary>
/// The innermost products, which hold a tile of the result in the processor's registers: how large a tile is depends on
/// how many registers there are and how wide they are. What a tile gives does not: every element is one chain of fused
/// multiply-adds in the order of the sum, so the widths give the same bits.
/// </summary>
internal unsafe interface ITiles
{
    /// <summary>Rows that <see cref="Linear"/> is best given at a time, at most 8.</summary>
    static abstract int Rows { get; }

    /// <summary><c>Y = X Pᵀ</c> for some rows and one panel of 48 outputs.</summary>
    /// <param name="x">X [count, depth].</param>
    /// <param name="stride">Elements from one row of X to the next.</param>
    /// <param name="depth">The length of the sums.</param>
    /// <param name="panel">P [depth, 48].</param>
    /// <param name="y">Y [count, 48].</param>
    /// <param name="count">Rows, at most <see cref="Rows"/>.</param>
    /// <param name="ahead">64 · depth bytes that are needed later and are asked of memory; the address need not be valid. Null for none.</param>
    static abstract void Linear<T, TElement>(float* x, int stride, int depth, T* panel, float* y, int count, byte* ahead)
        where T : unmanaged
        where TElement : IElement<T>;

    /// <summary>The sum of outer products <c>S = Aᵀ B</c>.</summary>
    /// <param name="a">A [count, 8].</param>
    /// <param name="panel">B [count, 48].</param>
    /// <param name="count">The length of the sums.</param>
    /// <param name="sums">S [8, 48].</param>
    static abstract void Outer(float* a, float* panel, int count, float* sums);

    /// <summary>Scores <c>S = Q Kᵀ</c> of eight queries and some blocks of sixteen keys.</summary>
    /// <param name="queries">Q [8, size], float32.</param>
    /// <param name="stride">Elements from one query to the next.</param>
    /// <param name="keys">Blocks of keys [blocks, size, 16].</param>
    /// <param name="size">The head size.</param>
    /// <param name="blocks">How many blocks.</param>
    /// <param name="scores">S [8, 16 · blocks].</param>
    /// <param name="scoreStride">Elements from one row of S to the next.</param>
    static abstract void Scores(float* queries, int stride, float* keys, int size, int blocks, float* scores, int scoreStride);

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
    static abstract void Multiply(
        float* a, nint rowStride, nint depthStride, float* b, nint bStride, int depth, float* c, nint cStride, bool adds);
}

/// <summary>The tiles of this processor's width. The choice is a constant to the compiler, so it is made once and costs nothing.</summary>
internal readonly unsafe struct Tiles : ITiles
{
    /// <summary>Rows of A and C in <see cref="Multiply"/>, queries in <see cref="Scores"/>, columns of A in <see cref="Outer"/>.</summary>
    public const int Height = 8;

    /// <summary>Columns that <see cref="Multiply"/> computes.</summary>
    public const int Columns = 32;

    /// <summary>Bits in a vector of the kernels here: 512, 256 or 128.</summary>
    public static int Width => Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128;

    /// <inheritdoc/>
    public static int Rows => Width switch { 512 => Tiles512.Rows, 256 => Tiles256.Rows, _ => Tiles128.Rows };

    /// <inheritdoc/>
    public static void Linear<T, TElement>(float* x, int stride, int depth, T* panel, float* y, int count, byte* ahead)
        where T : unmanaged
        where TElement : IElement<T>
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Tiles512.Linear<T, TElement>(x, stride, depth, panel, y, count, ahead);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Tiles256.Linear<T, TElement>(x, stride, depth, panel, y, count, ahead);
        }
        else
        {
            Tiles128.Linear<T, TElement>(x, stride, depth, panel, y, count, ahead);
        }
    }

    /// <inheritdoc/>
    public static void Outer(float* a, float* panel, int count, float* sums)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Tiles512.Outer(a, panel, count, sums);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Tiles256.Outer(a, panel, count, sums);
        }
        else
        {
            Tiles128.Outer(a, panel, count, sums);
        }
    }

    /// <inheritdoc/>
    public static void Scores(float* queries, int stride, float* keys, int size, int blocks, float* scores, int scoreStride)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Tiles512.Scores(queries, stride, keys, size, blocks, scores, scoreStride);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Tiles256.Scores(queries, stride, keys, size, blocks, scores, scoreStride);
        }
        else
        {
            Tiles128.Scores(queries, stride, keys, size, blocks, scores, scoreStride);
        }
    }

    /// <inheritdoc/>
    public static void Multiply(
        float* a, nint rowStride, nint depthStride, float* b, nint bStride, int depth, float* c, nint cStride, bool adds)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Tiles512.Multiply(a, rowStride, depthStride, b, bStride, depth, c, cStride, adds);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Tiles256.Multiply(a, rowStride, depthStride, b, bStride, depth, c, cStride, adds);
        }
        else
        {
            Tiles128.Multiply(a, rowStride, depthStride, b, bStride, depth, c, cStride, adds);
        }
    }
}
