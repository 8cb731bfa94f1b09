using System.Text;
using System.Text.Json;

namespace Reft.Files;

/// <summary>
/// Writes whole files so that a reader, or a crash, sees the old content or the new and nothing between. Folders on
/// the way are created; whatever goes wrong is an <see cref="InputException"/> and leaves the old file as it was.
/// </summary>
internal static class AtomicFile
{
    /// <summary>Writes a file through a callback, which must leave the stream open.</summary>
    public static void Write(string path, Action<Stream> write)
    {
        using var staged = StagedFile.Write(path, write);
        staged.Commit();
    }

    /// <summary>Writes text as UTF-8 without a byte order mark.</summary>
    public static void WriteAllText(string path, string text) =>
        Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    /// <summary>Writes one JSON object a line.</summary>
    public static void WriteJsonLines<T>(string path, IEnumerable<T> items, JsonWriterOptions options, Action<Utf8JsonWriter, T> write) =>
        Write(path, stream =>
        {
            foreach (var item in items)
            {
                using (var json = new Utf8JsonWriter(stream, options))
                {
                    json.WriteStartObject();
                    write(json, item);
                    json.WriteEndObject();
                }

                stream.WriteByte((byte)'\n');
            }
        });

    /// <summary>Copies a file's content.</summary>
    public static void Copy(string from, string to)
    {
        using var source = InputFile.OpenRead(from);
        Write(to, source.CopyTo);
    }
}
