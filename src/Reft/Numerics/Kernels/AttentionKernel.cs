using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Reft.Numerics.Kernels;

/// <summary>Attention of one query head to the cached keys and values of its sequence.</summary>
internal static unsafe class AttentionKernel
{
    // Rows of keys or values between what is asked of memory and what is computed.
    private const int Ahead = 16;

    /// <summary>Computes <c>o = softmax(scale · q Kᵀ) V</c> over the positions [first, last).</summary>
    /// <param name="query">The query [head size].</param>
    /// <param name="keys">Keys [positions, head size].</param>
    /// <param name="values">Values [positions, head size].</param>
    /// <param name="output">The result [head size].</param>
    /// <param name="size">The head size.</param>
    /// <param name="first">The first position seen.</param>
    /// <param name="last">One past the last position seen.</param>
    /// <param name="scale">The factor of the scores.</param>
    /// <param name="scores">Scratch for at least last - first floats, a multiple of 16.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Attend<T, TElement>(
        T* query, T* keys, T* values, T* output, int size, int first, int last, float scale, float* scores)
        where T : unmanaged
        where TElement : IElement<T>
    {
        var count = last - first;
        keys += (long)first * size;
        values += (long)first * size;
        var highest = Score<T, TElement>(query, keys, size, count, scale, scores);
        var total = Exponentials(scores, count, highest);
        Mix<T, TElement>(values, output, size, count, scores, 1f / total);
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
    private static float Score<T, TElement>(T* query, T* keys, int size, int count, float scale, float* scores)
        where T : unmanaged
        where TElement : IElement<T>
    {
        var highest = float.NegativeInfinity;
        var q = stackalloc float[size];
        for (var i = 0; i < size; i++)
        {
            q[i] = TElement.Get(query[i]) * scale;
        }

        for (var j = 0; j < count; j++, keys += size)
        {
            Prefetch(keys + ((long)Ahead * size), size);
            var products = Vector512<float>.Zero;
            var c = 0;
            for (; c + 16 <= size; c += 16)
            {
                products = Vector512.FusedMultiplyAdd(Vector512.Load(q + c), TElement.Load(keys + c), products);
            }

            var score = Vector512.Sum(products);
            for (; c < size; c++)
            {
                score += q[c] * TElement.Get(keys[c]);
            }

            scores[j] = score;
            highest = MathF.Max(highest, score);
        }

        return highest;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Exponentials(float* scores, int count, float highest)
    {
        var top = Vector512.Create(highest);
        var sums = Vector512<float>.Zero;
        var padded = (count + 15) & ~15;
        for (var j = count; j < padded; j++)
        {
            scores[j] = float.NegativeInfinity;
        }

        for (var j = 0; j < padded; j += 16)
        {
            var e = Vector512.Exp(Vector512.Load(scores + j) - top);
            e.Store(scores + j);
            sums += e;
        }

        return Vector512.Sum(sums);
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
