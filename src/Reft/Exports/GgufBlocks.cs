using System.Buffers.Binary;

namespace Reft.Exports;

/// <summary>Numbers as GGUF's tensor types store them.</summary>
internal static class GgufBlocks
{
    private const int Block = 32;

    /// <summary>The type's number in a file.</summary>
    public static uint Code(GgufType type) => type switch
    {
        GgufType.F32 => 0,
        GgufType.F16 => 1,
        GgufType.Bf16 => 30,
        _ => 8,
    };

    /// <summary>What the whole file is called, in its own key.</summary>
    public static uint FileType(GgufType type) => type switch
    {
        GgufType.F32 => 0,
        GgufType.F16 => 1,
        GgufType.Bf16 => 32,
        _ => 7,
    };

    /// <summary>Whether rows of so many numbers can be stored so.</summary>
    public static bool Fits(GgufType type, long row) => type != GgufType.Q8 || row % Block == 0;

    /// <summary>The bytes of so many numbers.</summary>
    public static long Size(GgufType type, long count) => type switch
    {
        GgufType.F32 => 4 * count,
        GgufType.Q8 => count / Block * (Block + 2),
        _ => 2 * count,
    };

    /// <summary>Writes numbers.</summary>
    /// <param name="type">How.</param>
    /// <param name="values">The numbers; of <see cref="GgufType.Q8"/> a multiple of 32.</param>
    /// <param name="bytes">Where to, <see cref="Size"/> bytes.</param>
    public static void Write(GgufType type, ReadOnlySpan<float> values, Span<byte> bytes)
    {
        if (type == GgufType.Q8)
        {
            for (var i = 0; i < values.Length / Block; i++)
            {
                WriteBlock(values.Slice(i * Block, Block), bytes.Slice(i * (Block + 2), Block + 2));
            }

            return;
        }

        for (var i = 0; i < values.Length; i++)
        {
            switch (type)
            {
                case GgufType.F32:
                    BinaryPrimitives.WriteSingleLittleEndian(bytes[(4 * i)..], values[i]);
                    break;
                case GgufType.F16:
                    BinaryPrimitives.WriteHalfLittleEndian(bytes[(2 * i)..], (Half)values[i]);
                    break;
                default:
                    var bits = BitConverter.SingleToUInt32Bits(values[i]);
                    // To the nearest, ties to even.
                    BinaryPrimitives.WriteUInt16LittleEndian(bytes[(2 * i)..], (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16));
                    break;
            }
        }
    }

    /// <summary>The scale is the largest size over 127; the numbers are divided by it before it is rounded to float16.</summary>
    private static void WriteBlock(ReadOnlySpan<float> values, Span<byte> bytes)
    {
        var most = 0f;
        foreach (var value in values)
        {
            most = Math.Max(most, Math.Abs(value));
        }

        var scale = most / 127;
        var inverse = scale == 0 ? 0 : 1 / scale;
        BinaryPrimitives.WriteHalfLittleEndian(bytes, (Half)scale);
        for (var i = 0; i < Block; i++)
        {
            bytes[2 + i] = (byte)(sbyte)MathF.Round(values[i] * inverse, MidpointRounding.AwayFromZero);
        }
    }
}
