using Reft.Numerics;

namespace Reft.Tests.Numerics.Kernels;

/// <summary>Numbers for kernels, and roundings written a second time, by distance and not by bits.</summary>
internal static class KernelData
{
    /// <summary>Numbers in [-2, 2) that use all of float32's digits.</summary>
    public static float[] Singles(ulong seed, int count)
    {
        var random = new CounterRandom(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)((random.NextDouble() * 4) - 2))];
    }

    public static ushort[] Brains(ulong seed, int count) => [.. Singles(seed, count).Select(Round)];

    public static float Wide(ushort brain) => BitConverter.UInt32BitsToSingle((uint)brain << 16);

    public static float[] Wide(ushort[] brains) => [.. brains.Select(Wide)];

    /// <summary>The nearest bfloat16 of a finite number; of two equally near ones the one with an even last bit.</summary>
    public static ushort Round(float value)
    {
        var low = (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16);
        var high = (ushort)(low + 1);
        var below = Math.Abs((double)value - Wide(low));
        var above = Math.Abs((double)value - Wide(high));
        return below < above || (below == above && low % 2 == 0) ? low : high;
    }
}
