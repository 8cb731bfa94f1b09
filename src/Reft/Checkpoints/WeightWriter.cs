using System.Text.Encodings.Web;
using System.Text.Json;

namespace Reft.Checkpoints;

/// <summary>
/// Writes a model's weights into a folder, as one file or as shards with an index, as Transformers names them. Every
/// file is complete on the disk before the first takes its place, and files of an earlier save that no longer belong
/// are removed last, so an interrupted save leaves the old model, the new one, or a folder that refuses to load.
/// </summary>
internal static class WeightWriter
{
    /// <summary>
    /// Writes the tensors; shards are filled in the given order up to <paramref name="maxShardBytes"/>, and a larger
    /// tensor has a shard of its own.
    /// </summary>
    public static void Write(
        string folder,
        IReadOnlyList<TensorSource> tensors,
        long maxShardBytes,
        IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxShardBytes, 1);
        RequireDistinct(tensors);
        var shards = Split(tensors, maxShardBytes);
        var names = shards.Count == 1
            ? [WeightNames.Single]
            : Enumerable.Range(1, shards.Count).Select(number => WeightNames.Shard(number, shards.Count)).ToArray();

        var staged = new List<StagedFile>();
        try
        {
            for (var i = 0; i < names.Length; i++)
            {
                staged.Add(SafeTensorsWriter.Stage(Path.Combine(folder, names[i]), shards[i], metadata));
            }

            if (names.Length > 1)
            {
                staged.Add(StageIndex(folder, names, shards));
            }

            Commit(folder, names, staged);
        }
        finally
        {
            staged.ForEach(file => file.Dispose());
        }
    }

    private static List<List<TensorSource>> Split(IReadOnlyList<TensorSource> tensors, long maxShardBytes)
    {
        var shards = new List<List<TensorSource>> { new() };
        var filled = 0L;
        foreach (var tensor in tensors)
        {
            if (shards[^1].Count > 0 && tensor.Length > maxShardBytes - filled)
            {
                shards.Add([]);
                filled = 0;
            }

            shards[^1].Add(tensor);
            filled += tensor.Length;
        }

        return shards;
    }

    private static StagedFile StageIndex(string folder, string[] names, List<List<TensorSource>> shards) =>
        StagedFile.Write(Path.Combine(folder, WeightNames.Index), stream =>
        {
            var options = new JsonWriterOptions
            {
                Indented = true,
                NewLine = "\n",
                Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            };
            using var json = new Utf8JsonWriter(stream, options);
            json.WriteStartObject();
            json.WriteStartObject("metadata");
            json.WriteNumber("total_size", shards.Sum(shard => shard.Sum(tensor => tensor.Length)));
            json.WriteEndObject();
            json.WriteStartObject("weight_map");
            foreach (var (tensor, file) in names
                .Zip(shards)
                .SelectMany(shard => shard.Second.Select(tensor => (tensor.Name, File: shard.First)))
                .OrderBy(pair => pair.Name, StringComparer.Ordinal))
            {
                json.WriteString(tensor, file);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        });

    private static void Commit(string folder, string[] names, List<StagedFile> staged)
    {
        if (names.Length > 1 && names.Any(name => File.Exists(Path.Combine(folder, name))))
        {
            // The old index would vouch for a mix of old and new shards while they are replaced one by one.
            Delete(Path.Combine(folder, WeightNames.Index));
        }

        staged.ForEach(file => file.Commit());
        DeleteStale(folder, names);
    }

    private static void DeleteStale(string folder, string[] names)
    {
        // The single file goes before the index, and the index before its shards: whoever loads meanwhile
        // never finds a file that names one that is gone.
        Delete(Path.Combine(folder, names.Length > 1 ? WeightNames.Single : WeightNames.Index));
        foreach (var path in Directory.GetFiles(folder, "model-*.safetensors"))
        {
            var name = Path.GetFileName(path);
            if (WeightNames.IsShard(name) && !names.Contains(name, StringComparer.Ordinal))
            {
                Delete(path);
            }
        }
    }

    private static void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InputException(
                $"{OneLine.Of(path)}: is left from an earlier save and cannot be deleted "
                + $"({OneLine.Of(error.Message)}); delete it before the folder is used",
                error);
        }
    }

    private static void RequireDistinct(IReadOnlyList<TensorSource> tensors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        if (tensors.FirstOrDefault(tensor => !names.Add(tensor.Name)) is { } twice)
        {
            throw new ArgumentException($"{OneLine.Quote(twice.Name)} is given twice", nameof(tensors));
        }
    }
}
