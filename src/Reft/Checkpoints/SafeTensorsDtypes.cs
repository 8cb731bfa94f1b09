using System.Collections.Frozen;

namespace Reft.Checkpoints;

/// <summary>What the format says of each <see cref="SafeTensorsDtype"/>: its name and its size.</summary>
internal static class SafeTensorsDtypes
{
    private static readonly FrozenDictionary<string, SafeTensorsDtype> ByName =
        Enum.GetValues<SafeTensorsDtype>().ToFrozenDictionary(Name, StringComparer.Ordinal);

    /// <summary>Every name that the format knows, comma-separated.</summary>
    public static string KnownNames { get; } = string.Join(", ", Enum.GetValues<SafeTensorsDtype>().Select(Name));

    /// <summary>The name in a file's header.</summary>
    public static string Name(this SafeTensorsDtype dtype) => dtype switch
    {
        SafeTensorsDtype.Bool => "BOOL",
        SafeTensorsDtype.F6E2M3 => "F6_E2M3",
        SafeTensorsDtype.F6E3M2 => "F6_E3M2",
        SafeTensorsDtype.F8E5M2 => "F8_E5M2",
        SafeTensorsDtype.F8E4M3 => "F8_E4M3",
        SafeTensorsDtype.F8E8M0 => "F8_E8M0",
        SafeTensorsDtype.F8E4M3Fnuz => "F8_E4M3FNUZ",
        SafeTensorsDtype.F8E5M2Fnuz => "F8_E5M2FNUZ",
        _ => dtype.ToString(),
    };

    /// <summary>Bits of one element.</summary>
    public static int Bits(this SafeTensorsDtype dtype) => dtype switch
    {
        SafeTensorsDtype.F4 => 4,
        SafeTensorsDtype.F6E2M3 or SafeTensorsDtype.F6E3M2 => 6,
        <= SafeTensorsDtype.F8E5M2Fnuz => 8,
        <= SafeTensorsDtype.BF16 => 16,
        <= SafeTensorsDtype.F32 => 32,
        _ => 64,
    };

    /// <summary>Finds the dtype of a header's name; names are case-sensitive.</summary>
    public static bool TryParse(string name, out SafeTensorsDtype dtype) => ByName.TryGetValue(name, out dtype);

    /// <summary>
    /// Bytes of a tensor; null where its shape is negative, its size overflows or its bits do not fill whole bytes.
    /// </summary>
    public static long? ByteLength(this SafeTensorsDtype dtype, ReadOnlySpan<long> shape)
    {
        Int128 count = 1;
        foreach (var extent in shape)
        {
            count *= extent;
            if (extent < 0 || count > long.MaxValue)
            {
                return null;
            }
        }

        var bits = count * dtype.Bits();
        return bits <= long.MaxValue && bits % 8 == 0 ? (long)(bits / 8) : null;
    }
}
