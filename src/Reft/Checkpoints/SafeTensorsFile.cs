using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;

namespace Reft.Checkpoints;

/// <summary>
/// A safetensors file mapped into memory and read-only. The header is validated in full when it opens; the bytes are
/// paged in as they are read. Spans and pointers into it are valid until it is disposed.
/// </summary>
internal sealed unsafe class SafeTensorsFile : IDisposable
{
    private const int LengthBytes = sizeof(ulong);

    private readonly SafeTensorsHeader _header;
    private readonly MemoryMappedFile _map;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _data;
    private bool _disposed;

    private SafeTensorsFile(string path, FileStream stream)
    {
        Path = path;
        var length = stream.Length;
        var json = ReadHeader(path, stream, length);
        var dataOffset = LengthBytes + json.Length;
        _header = SafeTensorsHeader.Parse(path, json, length - dataOffset);
        _map = MemoryMappedFile.CreateFromFile(
            stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        _view = _map.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        byte* view = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref view);
        _data = view + _view.PointerOffset + dataOffset;
    }

    /// <summary>The path it was opened by.</summary>
    public string Path { get; }

    /// <summary>The notes under <c>__metadata__</c>; empty where there are none.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <summary>The tensors by name, in the order of their bytes.</summary>
    public IReadOnlyDictionary<string, SafeTensorsEntry> Entries => _header.Entries;

    /// <summary>Opens and validates a file; whatever is wrong with it is an <see cref="InputException"/>.</summary>
    public static SafeTensorsFile Open(string path)
    {
        using var stream = InputFile.OpenRead(path);
        return InputFile.Guarded(path, () => new SafeTensorsFile(path, stream));
    }

    /// <summary>The address of a tensor's first byte; <see cref="SafeTensorsEntry.Length"/> bytes follow.</summary>
    public byte* Pointer(SafeTensorsEntry entry)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!Entries.TryGetValue(entry.Name, out var own) || !ReferenceEquals(own, entry))
        {
            throw new ArgumentException($"{entry.Name} is not an entry of {Path}", nameof(entry));
        }

        return _data + entry.Begin;
    }

    /// <summary>The bytes of a tensor of less than 2 GiB; a larger one is read through its pointer.</summary>
    public ReadOnlySpan<byte> Bytes(SafeTensorsEntry entry) => new(Pointer(entry), checked((int)entry.Length));

    /// <summary>Unmaps the file; spans and pointers into it are dangling from here on.</summary>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _map.Dispose();
        }
    }

    private static byte[] ReadHeader(string path, FileStream stream, long fileLength)
    {
        if (fileLength < LengthBytes)
        {
            throw SafeTensorsHeader.Damaged(path, $"holds {fileLength} bytes, too few for the header's length");
        }

        Span<byte> prefix = stackalloc byte[LengthBytes];
        stream.ReadExactly(prefix);
        if (prefix.SequenceEqual("version "u8))
        {
            throw new InputException(
                $"{OneLine.Of(path)}: is a Git LFS pointer instead of the file; fetch it with 'git lfs pull'");
        }

        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > SafeTensorsHeader.MaxBytes)
        {
            throw SafeTensorsHeader.Damaged(
                path,
                $"claims a header of {length} bytes, more than the {SafeTensorsHeader.MaxBytes} of the format");
        }

        if ((long)length > fileLength - LengthBytes)
        {
            throw SafeTensorsHeader.Damaged(
                path, $"claims a header of {length} bytes, but only {fileLength - LengthBytes} follow");
        }

        var json = new byte[length];
        stream.ReadExactly(json);
        return json;
    }
}
