using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Reft.Numerics.Kernels;

/// <summary>
/// The sums of a softmax over a row of logits, the same for drawing tokens and for training on them: float32 in blocks,
/// float64 over blocks, in one fixed order.
/// </summary>
internal static unsafe class SoftmaxKernel
{
    /// <summary>Logits that are summed in float32.</summary>
    public const int Block = 512;

    /// <summary>The highest logit; NaN if there is one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Highest(float* logits, int count)
    {
        var tops = Vector512.Create(float.NegativeInfinity);
        var i = 0;
        for (; i + 16 <= count; i += 16)
        {
            tops = Vector512.Max(tops, Vector512.Load(logits + i));
        }

        var highest = float.NegativeInfinity;
        for (var lane = 0; lane < 16; lane++)
        {
            highest = MathF.Max(highest, tops[lane]);
        }

        for (; i < count; i++)
        {
            highest = MathF.Max(highest, logits[i]);
        }

        return highest;
    }

    /// <summary>Fills weights with <c>exp(scale · (logit - highest))</c>, and sums them.</summary>
    /// <param name="logits">The logits.</param>
    /// <param name="count">How many.</param>
    /// <param name="highest">The highest of them.</param>
    /// <param name="scale">The inverse of the temperature.</param>
    /// <param name="weights">Gets the exponentials; may be the logits.</param>
    /// <param name="blocks">Gets the sum of every <see cref="Block"/>; null for nobody.</param>
    /// <param name="mean">Gets the sum of <c>weight · scale · (logit - highest)</c>.</param>
    /// <returns>The sum of the weights.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Exponentials(
        float* logits, int count, float highest, float scale, float* weights, double* blocks, out double mean)
    {
        var top = Vector512.Create(highest);
        var factor = Vector512.Create(scale);
        var total = 0.0;
        mean = 0.0;
        for (var first = 0; first < count; first += Block)
        {
            var last = Math.Min(count, first + Block);
            var sums = Vector512<float>.Zero;
            var means = Vector512<float>.Zero;
            var i = first;
            for (; i + 16 <= last; i += 16)
            {
                var below = (Vector512.Load(logits + i) - top) * factor;
                var e = Exponential.Of(below);
                e.Store(weights + i);
                sums += e;
                means = Vector512.FusedMultiplyAdd(e, below, means);
            }

            var sum = (double)Vector512.Sum(sums);
            mean += Vector512.Sum(means);
            for (; i < last; i++)
            {
                var below = (logits[i] - highest) * scale;
                weights[i] = Exponential.Of(below);
                sum += weights[i];
                mean += weights[i] * below;
            }

            if (blocks != null)
            {
                blocks[first / Block] = sum;
            }

            total += sum;
        }

        return total;
    }

    /// <summary><c>row = [token] · upstream - row · factor</c>: the slope of a log-probability, from the weights.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Slope(float* row, int count, float factor, long token, float upstream)
    {
        var minus = Vector512.Create(-factor);
        var i = 0;
        for (; i + 16 <= count; i += 16)
        {
            (Vector512.Load(row + i) * minus).Store(row + i);
        }

        for (; i < count; i++)
        {
            row[i] *= -factor;
        }

        row[token] += upstream;
    }
}
