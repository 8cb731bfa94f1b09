using System.Text;

namespace Reft.Checkpoints;

/// <summary>One tensor to be written: what the header says of it, and how its bytes reach the file.</summary>
internal sealed class TensorSource
{
    private const int ChunkBytes = 1 << 24;

    private readonly Action<Stream> _write;

    /// <summary>
    /// A tensor whose bytes a callback writes when their turn comes: little-endian, row-major, exactly
    /// <see cref="Length"/> of them. The callback must leave the stream open.
    /// </summary>
    public TensorSource(string name, SafeTensorsDtype dtype, IEnumerable<long> shape, Action<Stream> write)
    {
        if (name == SafeTensorsHeader.MetadataKey || !IsUnicode(name))
        {
            throw new ArgumentException($"{OneLine.Quote(name)} cannot name a tensor", nameof(name));
        }

        Name = name;
        Dtype = dtype;
        Shape = [.. shape];
        Length = dtype.ByteLength(Shape) ?? throw new ArgumentException(
            $"{OneLine.Quote(name)}: {dtype.Name()} [{string.Join(", ", Shape)}] has no size in bytes", nameof(shape));
        _write = write;
    }

    /// <summary>The tensor's name.</summary>
    public string Name { get; }

    /// <summary>The type of its elements.</summary>
    public SafeTensorsDtype Dtype { get; }

    /// <summary>Its extents; empty for a scalar.</summary>
    public long[] Shape { get; }

    /// <summary>Its size in bytes.</summary>
    public long Length { get; }

    /// <summary>A tensor whose bytes lie in managed memory.</summary>
    public static TensorSource FromMemory(
        string name, SafeTensorsDtype dtype, IEnumerable<long> shape, ReadOnlyMemory<byte> bytes) =>
        new(name, dtype, shape, stream => stream.Write(bytes.Span));

    /// <summary>A tensor whose bytes lie at an address, which must stay valid until the file is written.</summary>
    public static TensorSource FromAddress(
        string name, SafeTensorsDtype dtype, IEnumerable<long> shape, nint address, long length) =>
        new(name, dtype, shape, stream => WriteFrom(stream, address, length));

    /// <summary>A tensor of an open file, under its own name.</summary>
    public static unsafe TensorSource FromFile(SafeTensorsFile file, SafeTensorsEntry entry) =>
        new(entry.Name, entry.Dtype, entry.Shape, stream => WriteFrom(stream, (nint)file.Pointer(entry), entry.Length));

    /// <summary>Writes the bytes at the stream's position.</summary>
    public void WriteTo(Stream stream)
    {
        var start = stream.Position;
        _write(stream);
        var written = stream.Position - start;
        if (written != Length)
        {
            throw new InvalidOperationException($"{OneLine.Quote(Name)} wrote {written} of its {Length} bytes");
        }
    }

    // Half of a surrogate pair has no UTF-8 spelling: it comes back as the replacement character.
    private static bool IsUnicode(string name) =>
        string.Equals(Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(name)), name, StringComparison.Ordinal);

    private static unsafe void WriteFrom(Stream stream, nint address, long length)
    {
        for (var done = 0L; done < length; done += ChunkBytes)
        {
            stream.Write(new ReadOnlySpan<byte>((byte*)address + done, (int)Math.Min(ChunkBytes, length - done)));
        }
    }
}
