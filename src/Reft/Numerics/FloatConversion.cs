using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Reft.Numerics;

/// <summary>
/// Converts between float32 and the two 16-bit floats over spans. Widening is exact; narrowing rounds to nearest,
/// ties to even. A NaN stays a NaN: it becomes quiet, and keeps its sign and the payload bits that fit.
/// </summary>
internal static class FloatConversion
{
    private const uint SignMask = 0x8000_0000;
    private const uint MagnitudeMask = 0x7FFF_FFFF;
    private const uint Infinity = 0x7F80_0000;
    private const uint SingleQuietBit = 0x0040_0000;

    // Constants of binary16 seen in the bits of binary32: 10 mantissa bits against 23, bias 15 against 127.
    private const int MantissaShift = 13;
    private const uint BiasGap = (127 - 15) << 23;
    private const uint HalfInfinity = 0x7C00;
    private const uint HalfQuietNaN = 0x7E00;
    private const uint HalfOverflow = (127 + 16) << 23; // 2^16: at or past the largest half once rounded
    private const uint HalfSmallestNormal = (127 - 14) << 23; // 2^-14
    private const uint RoundingAddend = (127 - 1) << 23; // 0.5: its last bit weighs 2^-24, as a subnormal half's

    /// <summary>Widens bfloat16 bit patterns to float32, exactly.</summary>
    public static void Bfloat16ToSingle(ReadOnlySpan<ushort> source, Span<float> destination)
    {
        RequireSameLength(source.Length, destination.Length);
        var bits = MemoryMarshal.Cast<float, uint>(destination);
        var i = 0;
        for (; i <= source.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            Vector.Widen(new Vector<ushort>(source[i..]), out var low, out var high);
            WidenBfloat16(low).CopyTo(bits[i..]);
            WidenBfloat16(high).CopyTo(bits[(i + Vector<uint>.Count)..]);
        }

        for (; i < source.Length; i++)
        {
            bits[i] = WidenBfloat16(new Vector<uint>(source[i]))[0];
        }
    }

    /// <summary>Narrows float32 to bfloat16 bit patterns.</summary>
    public static void SingleToBfloat16(ReadOnlySpan<float> source, Span<ushort> destination)
    {
        RequireSameLength(source.Length, destination.Length);
        var bits = MemoryMarshal.Cast<float, uint>(source);
        var i = 0;
        for (; i <= source.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            var low = NarrowToBfloat16(new Vector<uint>(bits[i..]));
            var high = NarrowToBfloat16(new Vector<uint>(bits[(i + Vector<uint>.Count)..]));
            Vector.Narrow(low, high).CopyTo(destination[i..]);
        }

        for (; i < source.Length; i++)
        {
            destination[i] = (ushort)NarrowToBfloat16(new Vector<uint>(bits[i]))[0];
        }
    }

    /// <summary>Widens float16 to float32, exactly.</summary>
    public static void HalfToSingle(ReadOnlySpan<Half> source, Span<float> destination)
    {
        RequireSameLength(source.Length, destination.Length);
        var halves = MemoryMarshal.Cast<Half, ushort>(source);
        var bits = MemoryMarshal.Cast<float, uint>(destination);
        var i = 0;
        for (; i <= halves.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            Vector.Widen(new Vector<ushort>(halves[i..]), out var low, out var high);
            WidenHalf(low).CopyTo(bits[i..]);
            WidenHalf(high).CopyTo(bits[(i + Vector<uint>.Count)..]);
        }

        for (; i < halves.Length; i++)
        {
            bits[i] = WidenHalf(new Vector<uint>(halves[i]))[0];
        }
    }

    /// <summary>Narrows float32 to float16; past the largest half it becomes an infinity.</summary>
    public static void SingleToHalf(ReadOnlySpan<float> source, Span<Half> destination)
    {
        RequireSameLength(source.Length, destination.Length);
        var bits = MemoryMarshal.Cast<float, uint>(source);
        var halves = MemoryMarshal.Cast<Half, ushort>(destination);
        var i = 0;
        for (; i <= bits.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            var low = NarrowToHalf(new Vector<uint>(bits[i..]));
            var high = NarrowToHalf(new Vector<uint>(bits[(i + Vector<uint>.Count)..]));
            Vector.Narrow(low, high).CopyTo(halves[i..]);
        }

        for (; i < bits.Length; i++)
        {
            halves[i] = (ushort)NarrowToHalf(new Vector<uint>(bits[i]))[0];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<uint> WidenBfloat16(Vector<uint> value) => value << 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<uint> NarrowToBfloat16(Vector<uint> value)
    {
        var isNaN = Vector.GreaterThan(value & new Vector<uint>(MagnitudeMask), new Vector<uint>(Infinity));
        var lastKeptBit = (value >>> 16) & Vector<uint>.One;
        var rounded = value + new Vector<uint>(0x7FFF) + lastKeptBit;
        return Vector.ConditionalSelect(isNaN, value | new Vector<uint>(SingleQuietBit), rounded) >>> 16;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<uint> WidenHalf(Vector<uint> value)
    {
        var magnitude = (value & new Vector<uint>(0x7FFF)) << MantissaShift;
        var normal = magnitude + new Vector<uint>(BiasGap);

        // A subnormal half is mantissa x 2^-24: give it the exponent of 2^-14, then take 2^-14 away again.
        var smallestNormal = new Vector<uint>(HalfSmallestNormal);
        var subnormal = Vector.AsVectorUInt32(
            Vector.AsVectorSingle(magnitude + smallestNormal) - Vector.AsVectorSingle(smallestNormal));
        var isSubnormal = Vector.LessThan(magnitude, new Vector<uint>(1u << 23));

        var special = normal + new Vector<uint>(BiasGap);
        var isSpecial = Vector.GreaterThanOrEqual(magnitude, new Vector<uint>(HalfInfinity << MantissaShift));
        var isNaN = Vector.GreaterThan(special, new Vector<uint>(Infinity)) & isSpecial;

        var result = Vector.ConditionalSelect(isSubnormal, subnormal, normal);
        result = Vector.ConditionalSelect(isSpecial, special, result) | (isNaN & new Vector<uint>(SingleQuietBit));
        return result | ((value & new Vector<uint>(0x8000)) << 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<uint> NarrowToHalf(Vector<uint> value)
    {
        var magnitude = value & new Vector<uint>(MagnitudeMask);
        var lastKeptBit = (magnitude >>> MantissaShift) & Vector<uint>.One;
        var normal = (magnitude - new Vector<uint>(BiasGap) + new Vector<uint>(0xFFF) + lastKeptBit) >>> MantissaShift;

        // Adding 0.5 makes the processor round at the weight of a subnormal half's last bit.
        var addend = new Vector<uint>(RoundingAddend);
        var subnormal = Vector.AsVectorUInt32(
            Vector.AsVectorSingle(magnitude) + Vector.AsVectorSingle(addend)) - addend;
        var isSubnormal = Vector.LessThan(magnitude, new Vector<uint>(HalfSmallestNormal));

        var payload = (magnitude >>> MantissaShift) & new Vector<uint>(0x3FF);
        var isNaN = Vector.GreaterThan(magnitude, new Vector<uint>(Infinity));
        var special = Vector.ConditionalSelect(
            isNaN, payload | new Vector<uint>(HalfQuietNaN), new Vector<uint>(HalfInfinity));
        var isSpecial = Vector.GreaterThanOrEqual(magnitude, new Vector<uint>(HalfOverflow));

        var result = Vector.ConditionalSelect(isSubnormal, subnormal, normal);
        result = Vector.ConditionalSelect(isSpecial, special, result);
        return result | ((value & new Vector<uint>(SignMask)) >>> 16);
    }

    private static void RequireSameLength(int source, int destination)
    {
        if (source != destination)
        {
            throw new ArgumentException($"{source} values do not fill {destination} places", nameof(destination));
        }
    }
}
