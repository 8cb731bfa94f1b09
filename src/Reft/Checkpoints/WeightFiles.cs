namespace Reft.Checkpoints;

/// <summary>
/// The weights of a Hugging Face folder, one file or sharded, as one view from tensor name to its place. Owns the
/// open files.
/// </summary>
internal sealed class WeightFiles : IDisposable
{
    private const string Conversion =
        "python3 -c \"import sys, transformers as t; t.AutoModelForCausalLM.from_pretrained(sys.argv[1], "
        + "torch_dtype='auto').save_pretrained(sys.argv[2], safe_serialization=True)\" OLD_FOLDER NEW_FOLDER";

    private readonly List<SafeTensorsFile> _files;

    private WeightFiles(string source, List<SafeTensorsFile> files, IReadOnlyDictionary<string, WeightEntry> entries)
    {
        Source = source;
        _files = files;
        Entries = entries;
    }

    /// <summary>The path that errors about the whole name: the single file, or the index.</summary>
    public string Source { get; }

    /// <summary>The tensors by name, file by file in the order of their bytes.</summary>
    public IReadOnlyDictionary<string, WeightEntry> Entries { get; }

    /// <summary>
    /// Opens and validates the weights of a folder. <c>model.safetensors</c> goes before an index, as in Transformers.
    /// </summary>
    public static WeightFiles Open(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new InputException(File.Exists(folder)
                ? $"{OneLine.Of(folder)}: is a file where a model folder is needed; name the folder that holds it"
                : $"{OneLine.Of(folder)}: no such folder; check the path");
        }

        var single = Path.Combine(folder, WeightNames.Single);
        if (File.Exists(single))
        {
            return OpenShards(single, [single], null);
        }

        var index = Path.Combine(folder, WeightNames.Index);
        if (!File.Exists(index))
        {
            throw NoWeights(folder);
        }

        var map = WeightIndex.Read(index);
        var shards = map.Values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        var missing = shards.Where(shard => !File.Exists(Path.Combine(folder, shard))).ToArray();
        return missing.Length == 0
            ? OpenShards(index, shards.Select(shard => Path.Combine(folder, shard)), map)
            : throw new InputException(
                $"{OneLine.Of(index)}: names files that the folder lacks: {OneLine.List(missing)}; download them");
    }

    /// <summary>Closes the files; spans and pointers into them are dangling from here on.</summary>
    public void Dispose() => _files.ForEach(file => file.Dispose());

    private static WeightFiles OpenShards(
        string source, IEnumerable<string> paths, IReadOnlyDictionary<string, string>? map)
    {
        var files = new List<SafeTensorsFile>();
        try
        {
            var entries = new OrderedDictionary<string, WeightEntry>(StringComparer.Ordinal);
            var unnamed = new List<string>();
            foreach (var path in paths)
            {
                var file = SafeTensorsFile.Open(path);
                files.Add(file);
                Collect(file, map, entries, unnamed);
            }

            RequireAgreement(source, map, entries, unnamed);
            return new WeightFiles(source, files, entries);
        }
        catch
        {
            files.ForEach(file => file.Dispose());
            throw;
        }
    }

    private static void Collect(
        SafeTensorsFile file,
        IReadOnlyDictionary<string, string>? map,
        OrderedDictionary<string, WeightEntry> entries,
        List<string> unnamed)
    {
        var shard = Path.GetFileName(file.Path);
        foreach (var tensor in file.Entries.Values)
        {
            if (map is null || (map.TryGetValue(tensor.Name, out var owner) && owner == shard))
            {
                entries.Add(tensor.Name, new WeightEntry(file, tensor));
            }
            else
            {
                unnamed.Add($"{tensor.Name} in {shard}");
            }
        }
    }

    private static void RequireAgreement(
        string source,
        IReadOnlyDictionary<string, string>? map,
        OrderedDictionary<string, WeightEntry> entries,
        List<string> unnamed)
    {
        var absent = map?.Where(pair => !entries.ContainsKey(pair.Key))
            .Select(pair => $"{pair.Key} in {pair.Value}").Order(StringComparer.Ordinal).ToArray() ?? [];
        var findings = new List<string>();
        if (absent.Length > 0)
        {
            findings.Add($"names tensors that its files lack: {OneLine.List(absent)}");
        }

        if (unnamed.Count > 0)
        {
            findings.Add($"does not name tensors that its files hold: {OneLine.List(unnamed)}");
        }

        if (findings.Count > 0)
        {
            throw new InputException(
                $"{OneLine.Of(source)}: {string.Join(", and ", findings)}; the index and the files are of different "
                + "saves: download or save them together");
        }
    }

    private static InputException NoWeights(string folder)
    {
        var names = InputFile.Guarded(folder, () => Directory.GetFiles(folder))
            .Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal).ToArray();
        var pickled = names.FirstOrDefault(IsPickled);
        if (pickled is not null)
        {
            return new InputException(
                $"{OneLine.Of(folder)}: holds {OneLine.Quote(pickled)} but no {WeightNames.Single}; pickled weights "
                + $"can run code and are not read: convert them to safetensors with {Conversion}");
        }

        var weights = names.Where(IsWeightLike).ToArray();
        var found = weights.Length > 0 ? $" (it holds {OneLine.List(weights)})" : "";
        return new InputException(
            $"{OneLine.Of(folder)}: has neither {WeightNames.Single} nor {WeightNames.Index}{found}; "
            + "name the folder of a Hugging Face model, or download what is missing");
    }

    private static bool IsPickled(string name) =>
        name.StartsWith("pytorch_model", StringComparison.Ordinal) && name.Contains(".bin", StringComparison.Ordinal);

    private static bool IsWeightLike(string name) => Path.GetExtension(name)
        is ".safetensors" or ".gguf" or ".pt" or ".pth" or ".bin" or ".h5" or ".msgpack" or ".onnx";
}
