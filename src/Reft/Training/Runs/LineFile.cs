using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Reft.Training.Runs;

/// <summary>A file of JSON lines that grows, and can be cut back to a length that a checkpoint recorded.</summary>
internal sealed class LineFile : IDisposable
{
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly string _path;
    private readonly FileStream _stream;

    private LineFile(string path, FileStream stream)
    {
        _path = path;
        _stream = stream;
    }

    /// <summary>Its length in bytes.</summary>
    public long Length => _stream.Position;

    /// <summary>Opens a file, makes it if it is not there, and cuts it to a length.</summary>
    /// <param name="path">The file.</param>
    /// <param name="length">The length to cut to; 0 for an empty file.</param>
    /// <exception cref="InputException">It is shorter than that, or cannot be written.</exception>
    public static LineFile Open(string path, long length) => Guarded(path, () =>
    {
        // Whole lines are written, so a buffer would only keep what a full disk refused, and fail once more on closing.
        var stream = new FileStream(
            path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        if (stream.Length < length)
        {
            var found = stream.Length;
            stream.Dispose();
            throw new InputException(
                $"{path}: has {found} bytes where the checkpoint recorded {length}: it was cut or replaced; restore it, or "
                + "start the run anew in another folder");
        }

        stream.SetLength(length);
        stream.Position = length;
        return new LineFile(path, stream);
    });

    /// <summary>Appends one line; it is with the operating system when this returns.</summary>
    public void Write(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Relaxed))
        {
            write(json);
        }

        buffer.WriteByte((byte)'\n');
        Guarded(_path, () =>
        {
            _stream.Write(buffer.GetBuffer(), 0, (int)buffer.Length);
            _stream.Flush();
            return 0;
        });
    }

    /// <summary>Brings everything to the disk.</summary>
    public void Sync() => Guarded(_path, () =>
    {
        _stream.Flush(flushToDisk: true);
        return 0;
    });

    /// <summary>The whole lines of a file; a last one without its end is left out.</summary>
    public static IEnumerable<string> Read(string path)
    {
        using var reader = new StreamReader(
            new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite), Encoding.UTF8);
        while (reader.ReadLine() is { } line)
        {
            if (!reader.EndOfStream || EndsInNewline(path))
            {
                yield return line;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private static bool EndsInNewline(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        stream.Seek(-1, SeekOrigin.End);
        return stream.ReadByte() == '\n';
    }

    private static T Guarded<T>(string path, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception error) when (WriteFault.Is(error))
        {
            throw new InputException(
                $"{OneLine.Of(path)}: cannot be written ({OneLine.Of(error.Message)}); check the folder's free space and "
                + "permissions, then go on by the same command (reft train: with --resume)",
                error);
        }
    }
}
