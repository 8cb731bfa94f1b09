using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Reft.Numerics.Kernels;

/// <summary>
/// Inverted dropout whose draws are a hash of a row's key and the column: no state, so that the same row drops the same
/// elements in whatever batch it is computed, and again in the backward pass.
/// </summary>
/// <param name="rate">The share that is dropped, in [0, 1).</param>
internal readonly unsafe struct DropoutKernel(double rate)
{
    // The finaliser of a 32-bit hash (https://github.com/skeeto/hash-prospector): every bit of the input moves half of
    // the output's.
    private const uint First = 0x7feb352d;
    private const uint Second = 0x846ca68b;
    private const uint Golden = 0x9e3779b9;

    // A hash below the threshold keeps its element.
    private readonly uint _threshold = (uint)Math.Min(uint.MaxValue, (1 - rate) * (1UL << 32));
    private readonly float _scale = (float)(1 / (1 - rate));

    /// <summary>Drops elements of a row, and scales those that stay by <c>1 / (1 - rate)</c>.</summary>
    /// <param name="row">The elements; overwritten.</param>
    /// <param name="count">How many.</param>
    /// <param name="column">The column of the first one.</param>
    /// <param name="key">The row's key.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Apply<T, TElement>(T* row, int count, int column, ulong key)
        where T : unmanaged
        where TElement : IElement<T>
    {
        var (low, high) = ((uint)key, (uint)(key >> 32));
        var i = 0;
        var columns = (Vector512<uint>.Indices + Vector512.Create((uint)column)) * Golden;
        var step = Vector512.Create(unchecked(16 * Golden));
        for (; i + 16 <= count; i += 16, columns += step)
        {
            var hash = Mix(Mix(columns + Vector512.Create(low)) ^ Vector512.Create(high));
            var kept = Vector512.LessThan(hash, Vector512.Create(_threshold)).AsSingle();
            TElement.Store(row + i, Vector512.ConditionalSelect(kept, TElement.Load(row + i) * _scale, Vector512<float>.Zero));
        }

        for (; i < count; i++)
        {
            var hash = Mix(Mix(unchecked(((uint)(column + i) * Golden) + low)) ^ high);
            row[i] = TElement.Make(hash < _threshold ? TElement.Get(row[i]) * _scale : 0);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Mix(Vector512<uint> x)
    {
        x = (x ^ Vector512.ShiftRightLogical(x, 16)) * First;
        x = (x ^ Vector512.ShiftRightLogical(x, 15)) * Second;
        return x ^ Vector512.ShiftRightLogical(x, 16);
    }

    private static uint Mix(uint x)
    {
        x = unchecked((x ^ (x >> 16)) * First);
        x = unchecked((x ^ (x >> 15)) * Second);
        return x ^ (x >> 16);
    }
}

/// <summary>Dropout of attention's probabilities.</summary>
/// <param name="Kernel">Drops.</param>
/// <param name="Keys">A key for every sequence.</param>
internal sealed record AttentionDropout(DropoutKernel Kernel, ulong[] Keys)
{
    /// <summary>The key of the probabilities of one query.</summary>
    public ulong RowKey(int sequence, int head, int position) =>
        CounterRandom.Hash(Keys[sequence], (ulong)head, (ulong)position);
}
