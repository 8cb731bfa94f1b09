using System.Buffers.Binary;
using System.Text;

namespace Reft.Tests.Checkpoints;

/// <summary>Builds safetensors files byte by byte, right or wrong.</summary>
internal static class SafeTensorsBytes
{
    public static byte[] File(string header, int dataBytes) =>
        File(Encoding.UTF8.GetBytes(header), new byte[dataBytes]);

    public static byte[] File(byte[] header, byte[] data)
    {
        var length = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        return [.. length, .. header, .. data];
    }
}
