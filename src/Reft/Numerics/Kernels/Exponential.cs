using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Reft.Numerics.Kernels;

/// <summary>
/// The exponential of sixteen float32 numbers, to within two units in the last place. The library's goes through
/// float64 and takes several times as long; attention and softmax are full of exponentials.
/// </summary>
internal static class Exponential
{
    // Beyond these the result is 0 or infinite; infinities themselves would not survive the reduction.
    private const float Lowest = -104f;
    private const float Highest = 89f;
    private const float Log2E = 1.44269504f;

    // ln 2 in two parts; the first has few bits, so that a whole number times it is exact.
    private const float UpperLn2 = 0.693359375f;
    private const float LowerLn2 = -2.12194440e-4f;

    /// <summary><c>exp(x)</c>; NaN stays NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Of(Vector512<float> x)
    {
        // The second operand is what the processor gives back where one is NaN.
        x = Vector512.MinNative(Vector512.Create(Highest), Vector512.MaxNative(Vector512.Create(Lowest), x));
        var n = Vector512.Round(x * Log2E);
        var r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-UpperLn2), x);
        r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-LowerLn2), r);
        // Cephes' polynomial of exp(r) on ±ln 2 / 2 (https://www.netlib.org/cephes/).
        var p = Vector512.Create(1.9875691500e-4f);
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.3981999507e-3f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(8.3334519073e-3f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(4.1665795894e-2f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.6666665459e-1f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(5.0000001201e-1f));
        p = Vector512.FusedMultiplyAdd(p, r * r, r) + Vector512<float>.One;
        return Avx512F.IsSupported ? Avx512F.Scale(p, n) : Scale(p, Vector512.ConvertToInt32(n));
    }

    /// <summary>One number's, with the bits that it has as a lane: a row's rest is computed as its vectors are.</summary>
    public static float Of(float x) => Of(Vector512.Create(x)).ToScalar();

    /// <summary><c>p 2ⁿ</c>, in two steps, since 2ⁿ itself may be too large or too small.</summary>
    private static Vector512<float> Scale(Vector512<float> p, Vector512<int> n)
    {
        var half = Vector512.ShiftRightArithmetic(n, 1);
        return p * Power(half) * Power(n - half);

        static Vector512<float> Power(Vector512<int> n) => Vector512.ShiftLeft(n + Vector512.Create(127), 23).AsSingle();
    }
}
