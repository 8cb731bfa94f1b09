using System.Text.Json;

namespace Reft.Reporting;

/// <summary>
/// A file of JSON lines, read without ever holding the whole of it, also while a run still appends to it. Lines that
/// cannot be read are left out and counted; <see cref="Note"/> says so in one sentence.
/// </summary>
internal sealed class JsonLines(string path)
{
    /// <summary>No rollout comes near it, and a file without line ends must not fill the memory.</summary>
    private const int LongestLine = 64 << 20;

    private int _rejected;
    private int _firstRejected;

    /// <summary>Whether the last line has no end and is no JSON: the writer was interrupted, or is at it.</summary>
    public bool IsCutOff { get; private set; }

    /// <summary>What was left out; null if nothing was.</summary>
    public string? Note => (_rejected, IsCutOff) switch
    {
        (0, false) => null,
        (0, true) => $"{Path.GetFileName(path)}: the last line is cut off and left out; "
            + "it was being written, or the run was interrupted",
        _ => $"{Path.GetFileName(path)}: {_rejected} damaged line{(_rejected == 1 ? "" : "s")} left out, "
            + $"the first is line {_firstRejected}{(IsCutOff ? "; the last line is cut off" : "")}",
    };

    /// <summary>Every line as JSON object; the element is valid during the call only.</summary>
    public void ForEach(Action<JsonElement, JsonLine> read)
    {
        foreach (var line in Read())
        {
            Parse(line, element => read(element, line));
        }
    }

    /// <summary>Parses one line; what is no JSON object is counted as left out.</summary>
    public void Parse(JsonLine line, Action<JsonElement> read)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(line.Bytes);
        }
        catch (JsonException)
        {
            // Counted, and said in the note.
            Reject(line);
            return;
        }

        using (document)
        {
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                read(document.RootElement);
            }
            else
            {
                Reject(line);
            }
        }
    }

    /// <summary>Counts a line as left out.</summary>
    public void Reject(JsonLine line)
    {
        if (line.HasEnd)
        {
            _rejected++;
            _firstRejected = _firstRejected == 0 ? line.Number : _firstRejected;
        }
        else
        {
            IsCutOff = true;
        }
    }

    /// <summary>The raw lines; the bytes of one are valid until the next is asked for.</summary>
    public IEnumerable<JsonLine> Read()
    {
        using var stream = Open();
        var buffer = new byte[1 << 16];
        var (start, end, number, offset) = (0, 0, 0, 0L);
        while (true)
        {
            var length = buffer.AsSpan(start, end - start).IndexOf((byte)'\n');
            if (length >= 0)
            {
                number++;
                if (length > 0)
                {
                    yield return new JsonLine(offset, number, buffer.AsMemory(start, length), HasEnd: true);
                }

                start += length + 1;
                offset += length + 1;
                continue;
            }

            if (end - start >= LongestLine)
            {
                Reject(new JsonLine(offset, number + 1, default, HasEnd: true));
                yield break;
            }

            buffer = WithRoom(buffer, start, end);
            (start, end) = (0, end - start);
            var read = InputFile.Guarded(path, () => stream.Read(buffer, end, buffer.Length - end));
            if (read == 0)
            {
                break;
            }

            end += read;
        }

        if (end > 0)
        {
            yield return new JsonLine(offset, number + 1, buffer.AsMemory(0, end), HasEnd: false);
        }
    }

    /// <summary>Moves what is left to the buffer's beginning, and into a larger one where it is full.</summary>
    private static byte[] WithRoom(byte[] buffer, int start, int end)
    {
        var target = end - start == buffer.Length ? new byte[buffer.Length * 2] : buffer;
        buffer.AsSpan(start, end - start).CopyTo(target);
        return target;
    }

    /// <summary>Reads one line again.</summary>
    public byte[] ReadAt(long offset, int length)
    {
        using var stream = Open();
        return InputFile.Guarded(path, () =>
        {
            var bytes = new byte[length];
            stream.Position = offset;
            stream.ReadExactly(bytes);
            return bytes;
        });
    }

    /// <summary>A run may be writing the file meanwhile.</summary>
    private FileStream Open() => InputFile.Guarded(path, () => new FileStream(
        path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1));
}

/// <summary>A line of a file of JSON lines.</summary>
/// <param name="Offset">Where it begins in the file, in bytes.</param>
/// <param name="Number">Which line it is, from 1.</param>
/// <param name="Bytes">The line without its end.</param>
/// <param name="HasEnd">Whether a line end follows.</param>
internal readonly record struct JsonLine(long Offset, int Number, ReadOnlyMemory<byte> Bytes, bool HasEnd);
