using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Reft.Numerics.Kernels;

/// <summary>The coefficients of one AdamW step, as they enter the kernel.</summary>
/// <param name="Scale">Multiplies the gradient: the clip.</param>
/// <param name="Beta1">β₁.</param>
/// <param name="Beta2">β₂.</param>
/// <param name="Step">The learning rate over the first bias correction.</param>
/// <param name="Root">One over the root of the second bias correction.</param>
/// <param name="Epsilon">ε.</param>
/// <param name="Decay">One less learning rate × weight decay.</param>
internal readonly record struct AdamStep(
    float Scale, float Beta1, float Beta2, float Step, float Root, float Epsilon, float Decay);

/// <summary>One AdamW step on a stretch of a parameter, in float32.</summary>
internal static unsafe class AdamKernel
{
    /// <summary>
    /// <c>m = β₁ m + (1-β₁) g; v = β₂ v + (1-β₂) g²; w = decay · w - step · m / (√v · root + ε)</c>.
    /// </summary>
    /// <param name="weight">Master weights; overwritten.</param>
    /// <param name="gradient">Gradients.</param>
    /// <param name="first">First moments; overwritten.</param>
    /// <param name="second">Second moments; overwritten.</param>
    /// <param name="count">How many.</param>
    /// <param name="step">The coefficients.</param>
    /// <returns>The sum of the squared changes of the weights.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Update(float* weight, float* gradient, float* first, float* second, long count, AdamStep step)
    {
        var moved = 0.0;
        long i = 0;
        for (; i + 16 <= count;)
        {
            // A bounded stretch is summed in float32, and the stretches in float64.
            var sums = Vector512<float>.Zero;
            for (var stop = Math.Min(count - 15, i + 4096); i < stop; i += 16)
            {
                var g = Vector512.Load(gradient + i) * step.Scale;
                var m = (Vector512.Load(first + i) * step.Beta1) + (g * (1 - step.Beta1));
                var v = (Vector512.Load(second + i) * step.Beta2) + (g * g * (1 - step.Beta2));
                m.Store(first + i);
                v.Store(second + i);
                var old = Vector512.Load(weight + i);
                var now = (old * step.Decay)
                    - (m * step.Step / ((Vector512.Sqrt(v) * step.Root) + Vector512.Create(step.Epsilon)));
                now.Store(weight + i);
                var change = now - old;
                sums += change * change;
            }

            moved += Vector512.Sum(sums);
        }

        for (; i < count; i++)
        {
            var g = gradient[i] * step.Scale;
            first[i] = (first[i] * step.Beta1) + (g * (1 - step.Beta1));
            second[i] = (second[i] * step.Beta2) + (g * g * (1 - step.Beta2));
            var old = weight[i];
            weight[i] = (old * step.Decay)
                - (first[i] * step.Step / ((MathF.Sqrt(second[i]) * step.Root) + step.Epsilon));
            moved += (double)(weight[i] - old) * (weight[i] - old);
        }

        return moved;
    }

    /// <summary>Rounds master weights into the weights that compute, and counts those that changed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static long Publish(float* master, ushort* compute, long count)
    {
        var changed = 0L;
        for (long i = 0; i < count; i++)
        {
            var bits = Brain16.Make(master[i]);
            changed += bits == compute[i] ? 0 : 1;
            compute[i] = bits;
        }

        return changed;
    }

    /// <summary>The sum of squares, in float64, in a fixed order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double SumOfSquares(float* data, long count)
    {
        var sum = 0.0;
        long i = 0;
        while (i + 16 <= count)
        {
            var sums = Vector512<float>.Zero;
            for (var stop = Math.Min(count - 15, i + 1024); i < stop; i += 16)
            {
                var v = Vector512.Load(data + i);
                sums += v * v;
            }

            sum += Vector512.Sum(sums);
        }

        for (; i < count; i++)
        {
            sum += (double)data[i] * data[i];
        }

        return sum;
    }
}
