using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Reft.Numerics.Kernels;

/// <summary>Kernels that treat every row of a matrix by itself; arithmetic is float32, sums run in one fixed order.</summary>
internal static unsafe class RowKernels
{
    /// <summary>RMS norm: <c>y = w · round(x / √(mean(x²) + ε))</c>, rounded as Transformers rounds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void RmsNorm<T, TElement>(T* x, T* weight, T* y, int width, float epsilon)
        where T : unmanaged
        where TElement : IElement<T>
    {
        var squares = Vector512<float>.Zero;
        var c = 0;
        for (; c + 16 <= width; c += 16)
        {
            var v = TElement.Load(x + c);
            squares = Vector512.FusedMultiplyAdd(v, v, squares);
        }

        var sum = Vector512.Sum(squares);
        for (; c < width; c++)
        {
            var v = TElement.Get(x[c]);
            sum += v * v;
        }

        var scale = 1f / MathF.Sqrt((sum / width) + epsilon);
        var scales = Vector512.Create(scale);
        for (c = 0; c + 16 <= width; c += 16)
        {
            // Round between the two products, as a bfloat16 model in Transformers does; no change in float32.
            TElement.Store(y + c, TElement.Load(x + c) * scales);
            TElement.Store(y + c, TElement.Load(y + c) * TElement.Load(weight + c));
        }

        for (; c < width; c++)
        {
            var scaled = TElement.Get(TElement.Make(TElement.Get(x[c]) * scale));
            y[c] = TElement.Make(scaled * TElement.Get(weight[c]));
        }
    }

    /// <summary><c>y = x</c> as float32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Widen<T, TElement>(T* x, float* y, long count)
        where T : unmanaged
        where TElement : IElement<T>
    {
        long i = 0;
        for (; i + 16 <= count; i += 16)
        {
            TElement.Load(x + i).Store(y + i);
        }

        for (; i < count; i++)
        {
            y[i] = TElement.Get(x[i]);
        }
    }

    /// <summary><c>target += source</c>, widened.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Accumulate<T, TElement>(T* source, float* target, long count)
        where T : unmanaged
        where TElement : IElement<T>
    {
        long i = 0;
        for (; i + 16 <= count; i += 16)
        {
            (Vector512.Load(target + i) + TElement.Load(source + i)).Store(target + i);
        }

        for (; i < count; i++)
        {
            target[i] += TElement.Get(source[i]);
        }
    }

    /// <summary><c>z = x + y</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add<T, TElement>(T* x, T* y, T* z, long count)
        where T : unmanaged
        where TElement : IElement<T>
    {
        long i = 0;
        for (; i + 16 <= count; i += 16)
        {
            TElement.Store(z + i, TElement.Load(x + i) + TElement.Load(y + i));
        }

        for (; i < count; i++)
        {
            z[i] = TElement.Make(TElement.Get(x[i]) + TElement.Get(y[i]));
        }
    }

    /// <summary>Gated activation of Llama's feed-forward part: <c>y = round(silu(gate)) · up</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SiluMultiply<T, TElement>(T* gate, T* up, T* y, long count)
        where T : unmanaged
        where TElement : IElement<T>
    {
        long i = 0;
        for (; i + 16 <= count; i += 16)
        {
            var g = TElement.Load(gate + i);
            var silu = g / (Vector512<float>.One + Exponential.Of(-g));
            TElement.Store(y + i, silu);
            TElement.Store(y + i, TElement.Load(y + i) * TElement.Load(up + i));
        }

        for (; i < count; i++)
        {
            var g = TElement.Get(gate[i]);
            var silu = TElement.Get(TElement.Make(g / (1f + Exponential.Of(-g))));
            y[i] = TElement.Make(silu * TElement.Get(up[i]));
        }
    }

    /// <summary>Rotates one head.</summary>
    /// <param name="head">The head [head size].</param>
    /// <param name="turned">Gets the rotated elements; may be the head.</param>
    /// <param name="cosines">Cosines of the position [pairs].</param>
    /// <param name="sines">Sines of the position [pairs].</param>
    /// <param name="pairs">Half the rotated dimensions.</param>
    /// <param name="interleaved">Whether a pair is two neighbours, not one of each half.</param>
    /// <param name="direction">1, or -1 to turn back.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rotate<T, TElement>(
        T* head, T* turned, float* cosines, float* sines, int pairs, bool interleaved, float direction)
        where T : unmanaged
        where TElement : IElement<T>
    {
        var i = 0;
        if (!interleaved)
        {
            for (; i + 16 <= pairs; i += 16)
            {
                var a = TElement.Load(head + i);
                var b = TElement.Load(head + pairs + i);
                var cosine = Vector512.Load(cosines + i);
                var sine = Vector512.Load(sines + i) * direction;
                TElement.Store(turned + i, (a * cosine) - (b * sine));
                TElement.Store(turned + pairs + i, (b * cosine) + (a * sine));
            }
        }

        for (; i < pairs; i++)
        {
            var first = interleaved ? 2 * i : i;
            var second = interleaved ? first + 1 : i + pairs;
            var a = TElement.Get(head[first]);
            var b = TElement.Get(head[second]);
            var sine = sines[i] * direction;
            turned[first] = TElement.Make((a * cosines[i]) - (b * sine));
            turned[second] = TElement.Make((b * cosines[i]) + (a * sine));
        }
    }
}
