using System.Text.Json;
using System.Text.Unicode;

namespace Reft.Checkpoints;

/// <summary>The validated header of a safetensors file; entries are in the order of their bytes.</summary>
internal sealed class SafeTensorsHeader
{
    /// <summary>The largest header that the format allows, in bytes.</summary>
    public const int MaxBytes = 100_000_000;

    /// <summary>The key that holds the file's own notes instead of a tensor.</summary>
    public const string MetadataKey = "__metadata__";

    private SafeTensorsHeader(
        IReadOnlyDictionary<string, string> metadata, IReadOnlyDictionary<string, SafeTensorsEntry> entries)
    {
        Metadata = metadata;
        Entries = entries;
    }

    /// <summary>The notes under <c>__metadata__</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>The tensors by name, in the order of their bytes.</summary>
    public IReadOnlyDictionary<string, SafeTensorsEntry> Entries { get; }

    /// <summary>
    /// Parses a header and checks that its tensors cover the <paramref name="dataLength"/> bytes after it, each byte
    /// once. Errors name <paramref name="path"/>.
    /// </summary>
    public static SafeTensorsHeader Parse(string path, ReadOnlySpan<byte> json, long dataLength)
    {
        if (!Utf8.IsValid(json))
        {
            throw Damaged(path, "its header is not valid UTF-8");
        }

        if (json.IsEmpty || json[0] != (byte)'{')
        {
            throw Damaged(path, "its header does not begin with '{'");
        }

        try
        {
            var reader = new SafeTensorsHeaderReader(path, json, dataLength);
            reader.Read();
            return new SafeTensorsHeader(reader.Metadata, InFileOrder(path, reader.Entries, dataLength));
        }
        catch (JsonException error)
        {
            throw new InputException(
                Damaged(path, $"its header is not valid JSON ({OneLine.Of(error.Message)})").Message, error);
        }
    }

    /// <summary>The error for a file whose content breaks the format.</summary>
    public static InputException Damaged(string path, string finding) =>
        new($"{OneLine.Of(path)}: {finding}; the file is damaged or not safetensors: download or save it again");

    private static OrderedDictionary<string, SafeTensorsEntry> InFileOrder(
        string path, IReadOnlyCollection<SafeTensorsEntry> entries, long dataLength)
    {
        var ordered = new OrderedDictionary<string, SafeTensorsEntry>(entries.Count, StringComparer.Ordinal);
        var covered = 0L;
        var previous = "the header";
        foreach (var entry in entries
            .OrderBy(entry => entry.Begin)
            .ThenBy(entry => entry.End)
            .ThenBy(entry => entry.Name, StringComparer.Ordinal))
        {
            if (entry.Begin < covered)
            {
                throw Damaged(
                    path,
                    $"{OneLine.Quote(entry.Name)} begins at byte {entry.Begin} of the data and overlaps {previous}, "
                    + $"which ends at {covered}");
            }

            if (entry.Begin > covered)
            {
                throw Damaged(path, $"bytes {covered} to {entry.Begin} of the data, between {previous} and "
                    + $"{OneLine.Quote(entry.Name)}, belong to no tensor");
            }

            covered = entry.End;
            previous = OneLine.Quote(entry.Name);
            ordered.Add(entry.Name, entry);
        }

        if (covered != dataLength)
        {
            throw Damaged(path, $"the last {dataLength - covered} bytes, after {previous}, belong to no tensor");
        }

        return ordered;
    }
}
