using System.Text;

namespace Reft.Exports;

/// <summary>One tensor of a GGUF file.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Shape">Its shape as libtorch has it, rows first.</param>
/// <param name="Type">How it is stored.</param>
/// <param name="Read">Its numbers, row by row.</param>
internal sealed record GgufTensor(string Name, IReadOnlyList<long> Shape, GgufType Type, Func<float[]> Read)
{
    public long Count => Shape.Aggregate(1L, (product, size) => product * size);

    public long Bytes => GgufBlocks.Size(Type, Count);
}

/// <summary>Writes GGUF files (version 3): keys and values, where each tensor is, and the tensors, each on a multiple of 32 bytes.</summary>
internal static class GgufWriter
{
    private const uint Version = 3;
    private const int Alignment = 32;

    /// <summary>Writes a file, whole or not at all.</summary>
    /// <param name="path">Where to.</param>
    /// <param name="keys">Its keys in order: whole numbers (uint, int), float, bool, text, and arrays of int, float and text.</param>
    /// <param name="tensors">Its tensors in order.</param>
    public static void Write(string path, IReadOnlyList<(string Key, object Value)> keys, IReadOnlyList<GgufTensor> tensors)
    {
        using var staged = StagedFile.Write(path, stream =>
        {
            using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
            writer.Write("GGUF"u8);
            writer.Write(Version);
            writer.Write((ulong)tensors.Count);
            writer.Write((ulong)keys.Count);
            foreach (var (key, value) in keys)
            {
                Text(writer, key);
                Value(writer, value);
            }

            var offset = 0L;
            foreach (var tensor in tensors)
            {
                Text(writer, tensor.Name);
                writer.Write((uint)tensor.Shape.Count);
                foreach (var size in tensor.Shape.Reverse())
                {
                    writer.Write((ulong)size);
                }

                writer.Write(GgufBlocks.Code(tensor.Type));
                writer.Write((ulong)offset);
                offset += Aligned(tensor.Bytes);
            }

            Pad(writer, stream.Position);
            foreach (var tensor in tensors)
            {
                var bytes = new byte[tensor.Bytes];
                GgufBlocks.Write(tensor.Type, tensor.Read(), bytes);
                writer.Write(bytes);
                Pad(writer, bytes.Length);
            }
        });
        staged.Commit();
    }

    private static long Aligned(long bytes) => (bytes + Alignment - 1) / Alignment * Alignment;

    private static void Pad(BinaryWriter writer, long written) => writer.Write(new byte[Aligned(written) - written]);

    private static void Text(BinaryWriter writer, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        writer.Write((ulong)bytes.Length);
        writer.Write(bytes);
    }

    private static void Value(BinaryWriter writer, object value)
    {
        writer.Write(Kind(value));
        switch (value)
        {
            case Array array:
                writer.Write(Kind(array.Length > 0 ? array.GetValue(0)! : "")); // An array of values has no nulls.
                writer.Write((ulong)array.Length);
                foreach (var item in array)
                {
                    Bare(writer, item);
                }

                break;
            default:
                Bare(writer, value);
                break;
        }
    }

    private static void Bare(BinaryWriter writer, object value)
    {
        switch (value)
        {
            case uint number:
                writer.Write(number);
                break;
            case int number:
                writer.Write(number);
                break;
            case float number:
                writer.Write(number);
                break;
            case bool truth:
                writer.Write(truth);
                break;
            default:
                Text(writer, (string)value);
                break;
        }
    }

    private static uint Kind(object value) => value switch
    {
        uint => 4,
        int => 5,
        float => 6,
        bool => 7,
        string => 8,
        Array => 9,
        _ => throw new ArgumentOutOfRangeException(nameof(value), value, "not a value of GGUF"),
    };
}
