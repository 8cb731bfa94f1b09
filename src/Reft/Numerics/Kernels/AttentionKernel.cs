using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Reft.Numerics.Kernels;

/// <summary>
/// Attention of one query head to the cached keys and values of its sequence. Keys lie in blocks of sixteen,
/// [blocks, size, 16], so that sixteen scores are computed side by side; position p is lane p mod 16 of block p / 16.
/// </summary>
/// <remarks>
/// The order of every sum depends on positions alone: a score is one chain over the head's elements, the
/// exponentials are summed by lane, then over lanes, and an output is one chain over positions. Attention over
/// a block of queries (<see cref="BlockAttention"/>) keeps to the same order and gives the same bits.
/// </remarks>
internal static unsafe class AttentionKernel
{
    /// <summary>Keys of a block.</summary>
    public const int Lanes = 16;

    // Rows of values between what is asked of memory and what is computed.
    private const int Ahead = 16;

    /// <summary>Positions, rounded up to whole blocks.</summary>
    public static int WholeBlocks(int positions) => (positions + Lanes - 1) & ~(Lanes - 1);

    /// <summary>Computes <c>o = softmax(scale · q Kᵀ) V</c> over the positions [first, last).</summary>
    /// <param name="query">The query [head size].</param>
    /// <param name="keys">Blocks of keys from position 0 on; whole blocks can be read.</param>
    /// <param name="values">Values [positions, head size].</param>
    /// <param name="output">The result [head size].</param>
    /// <param name="size">The head size.</param>
    /// <param name="first">The first position seen.</param>
    /// <param name="last">One past the last position seen.</param>
    /// <param name="scale">The factor of the scores.</param>
    /// <param name="scores">Scratch for last - first + 32 floats.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Attend<T, TElement>(
        T* query, T* keys, T* values, T* output, int size, int first, int last, float scale, float* scores)
        where T : unmanaged
        where TElement : IElement<T>
    {
        var low = first & ~(Lanes - 1);
        var count = WholeBlocks(last) - low;
        Score<T, TElement>(query, keys + ((long)low * size), size, count / Lanes, scale, scores);
        Exclude(scores, 0, first - low);
        Exclude(scores, last - low, count);
        var total = Exponentials(scores, count, Highest(scores, count));
        Mix<T, TElement>(
            values + ((long)first * size), output, size, last - first, scores + (first - low), 1f / total);
    }

    /// <summary>Takes scores [from, to) out of the softmax.</summary>
    public static void Exclude(float* scores, int from, int to)
    {
        for (var j = from; j < to; j++)
        {
            scores[j] = float.NegativeInfinity;
        }
    }

    /// <summary>The highest of some whole blocks of scores.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Highest(float* scores, int count)
    {
        var tops = Vector512.Load(scores);
        for (var j = Lanes; j < count; j += Lanes)
        {
            tops = Vector512.Max(tops, Vector512.Load(scores + j));
        }

        var half = Vector256.Max(tops.GetLower(), tops.GetUpper());
        var quarter = Vector128.Max(half.GetLower(), half.GetUpper());
        return MathF.Max(
            MathF.Max(quarter.GetElement(0), quarter.GetElement(1)), MathF.Max(quarter.GetElement(2), quarter.GetElement(3)));
    }

    /// <summary>Replaces some whole blocks of scores by <c>exp(score - highest)</c>, and sums them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Exponentials(float* scores, int count, float highest)
    {
        var top = Vector512.Create(highest);
        var sums = Vector512<float>.Zero;
        for (var j = 0; j < count; j += Lanes)
        {
            var e = Exponential.Of(Vector512.Load(scores + j) - top);
            e.Store(scores + j);
            sums += e;
        }

        return Vector512.Sum(sums);
    }

    /// <summary>Asks for the cache lines of some elements; the address need not be valid.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch<T>(T* row, int count)
        where T : unmanaged
    {
        if (Sse.IsSupported)
        {
            for (var line = 0; line < count * sizeof(T); line += 64)
            {
                Sse.Prefetch0((byte*)row + line);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Score<T, TElement>(T* query, T* keys, int size, int blocks, float scale, float* scores)
        where T : unmanaged
        where TElement : IElement<T>
    {
        var q = stackalloc float[size];
        for (var i = 0; i < size; i++)
        {
            q[i] = TElement.Get(query[i]) * scale;
        }

        var block = (nint)size * Lanes;
        for (; blocks >= 4; blocks -= 4, keys += 4 * block, scores += 4 * Lanes)
        {
            Vector512<float> a = default, b = default, c = default, d = default;
            var second = keys + block;
            var third = second + block;
            var fourth = third + block;
            for (nint k = 0; k < size; k++)
            {
                // The next four blocks come from memory while these are computed.
                Prefetch(keys + (4 * block) + (k * Lanes), 1);
                Prefetch(second + (4 * block) + (k * Lanes), 1);
                Prefetch(third + (4 * block) + (k * Lanes), 1);
                Prefetch(fourth + (4 * block) + (k * Lanes), 1);
                var v = Vector512.Create(q[k]);
                a = Vector512.FusedMultiplyAdd(v, TElement.Load(keys + (k * Lanes)), a);
                b = Vector512.FusedMultiplyAdd(v, TElement.Load(second + (k * Lanes)), b);
                c = Vector512.FusedMultiplyAdd(v, TElement.Load(third + (k * Lanes)), c);
                d = Vector512.FusedMultiplyAdd(v, TElement.Load(fourth + (k * Lanes)), d);
            }

            a.Store(scores);
            b.Store(scores + Lanes);
            c.Store(scores + (2 * Lanes));
            d.Store(scores + (3 * Lanes));
        }

        for (; blocks > 0; blocks--, keys += block, scores += Lanes)
        {
            var a = Vector512<float>.Zero;
            for (nint k = 0; k < size; k++)
            {
                a = Vector512.FusedMultiplyAdd(Vector512.Create(q[k]), TElement.Load(keys + (k * Lanes)), a);
            }

            a.Store(scores);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Mix<T, TElement>(T* values, T* output, int size, int count, float* weights, float factor)
        where T : unmanaged
        where TElement : IElement<T>
    {
        var c = 0;
        for (; c + 64 <= size; c += 64)
        {
            Vector512<float> o0 = default, o1 = default, o2 = default, o3 = default;
            var v = values + c;
            for (var j = 0; j < count; j++, v += size)
            {
                Prefetch(v + ((long)Ahead * size), 64);
                var w = Vector512.Create(weights[j]);
                o0 = Vector512.FusedMultiplyAdd(w, TElement.Load(v), o0);
                o1 = Vector512.FusedMultiplyAdd(w, TElement.Load(v + 16), o1);
                o2 = Vector512.FusedMultiplyAdd(w, TElement.Load(v + 32), o2);
                o3 = Vector512.FusedMultiplyAdd(w, TElement.Load(v + 48), o3);
            }

            var f = Vector512.Create(factor);
            TElement.Store(output + c, o0 * f);
            TElement.Store(output + c + 16, o1 * f);
            TElement.Store(output + c + 32, o2 * f);
            TElement.Store(output + c + 48, o3 * f);
        }

        for (; c + 16 <= size; c += 16)
        {
            var o = Vector512<float>.Zero;
            for (var j = 0; j < count; j++)
            {
                o = Vector512.FusedMultiplyAdd(
                    Vector512.Create(weights[j]), TElement.Load(values + ((long)j * size) + c), o);
            }

            TElement.Store(output + c, o * Vector512.Create(factor));
        }

        for (; c < size; c++)
        {
            var o = 0f;
            for (var j = 0; j < count; j++)
            {
                o = MathF.FusedMultiplyAdd(weights[j], TElement.Get(values[((long)j * size) + c]), o);
            }

            output[c] = TElement.Make(o * factor);
        }
    }
}
