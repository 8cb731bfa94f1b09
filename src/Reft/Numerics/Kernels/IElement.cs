using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Reft.Numerics.Kernels;

/// <summary>How a kernel reads and writes one kind of element; all arithmetic is float32.</summary>
internal unsafe interface IElement<T>
    where T : unmanaged
{
    /// <summary>Reads 16 elements as float32.</summary>
    static abstract Vector512<float> Load(T* source);

    /// <summary>Reads 8 elements as float32.</summary>
    static abstract Vector256<float> LoadHalf(T* source);

    /// <summary>Reads 4 elements as float32.</summary>
    static abstract Vector128<float> LoadQuarter(T* source);

    /// <summary>Writes 16 elements, rounded to nearest even.</summary>
    static abstract void Store(T* target, Vector512<float> value);

    /// <summary>Reads one element.</summary>
    static abstract float Get(T value);

    /// <summary>Makes one element, rounded to nearest even.</summary>
    static abstract T Make(float value);
}

/// <summary>float32 elements.</summary>
internal readonly unsafe struct Single32 : IElement<float>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(float* source) => Vector512.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> LoadHalf(float* source) => Vector256.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> LoadQuarter(float* source) => Vector128.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* target, Vector512<float> value) => value.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Get(float value) => value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Make(float value) => value;
}

/// <summary>bfloat16 elements, held as their bits.</summary>
internal readonly unsafe struct Brain16 : IElement<ushort>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(ushort* source)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            return Vector512.ShiftLeft(Vector512.WidenLower(Vector256.Load(source).ToVector512Unsafe()), 16).AsSingle();
        }

        // The same in halves: where a vector of 512 bits is two, widening one across the seam is slow.
        var all = Vector256.Load(source);
        return Vector512.Create(
            Vector256.ShiftLeft(Vector256.WidenLower(all), 16).AsSingle(), Vector256.ShiftLeft(Vector256.WidenUpper(all), 16).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> LoadHalf(ushort* source) =>
        Vector256.ShiftLeft(Vector256.WidenLower(Vector128.Load(source).ToVector256Unsafe()), 16).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> LoadQuarter(ushort* source) =>
        Vector128.ShiftLeft(Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(ulong*)source).AsUInt16()), 16).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(ushort* target, Vector512<float> value)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            var bits = value.AsUInt32();
            // Nearest even: add half a unit less one, plus the last kept bit. NaN keeps its payload's top and stays NaN.
            var odd = Vector512.BitwiseAnd(Vector512.ShiftRightLogical(bits, 16), Vector512.Create(1u));
            var rounded = bits + odd + Vector512.Create(0x7fffu);
            var quiet = bits | Vector512.Create(0x0040_0000u);
            var isNumber = Vector512.Equals(value, value).AsUInt32();
            var top = Vector512.ShiftRightLogical(Vector512.ConditionalSelect(isNumber, rounded, quiet), 16);
            Vector512.Narrow(top, top).GetLower().Store(target);
            return;
        }

        Vector256.Narrow(Round(value.GetLower()), Round(value.GetUpper())).Store(target);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Get(ushort value) => BitConverter.UInt32BitsToSingle((uint)value << 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ushort Make(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        var rounded = float.IsNaN(value) ? bits | 0x0040_0000u : bits + ((bits >> 16) & 1u) + 0x7fffu;
        return (ushort)(rounded >> 16);
    }

    /// <summary>The upper halves of eight numbers, rounded to nearest even.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Round(Vector256<float> value)
    {
        var bits = value.AsUInt32();
        var odd = Vector256.BitwiseAnd(Vector256.ShiftRightLogical(bits, 16), Vector256.Create(1u));
        var rounded = bits + odd + Vector256.Create(0x7fffu);
        var quiet = bits | Vector256.Create(0x0040_0000u);
        var isNumber = Vector256.Equals(value, value).AsUInt32();
        return Vector256.ShiftRightLogical(Vector256.ConditionalSelect(isNumber, rounded, quiet), 16);
    }
}
