using System.Text.Json;
using System.Text.Json.Nodes;
using Reft.Models;
using Reft.Models.Families;
using Reft.Numerics;
using static TorchSharp.torch;

namespace Reft.Checkpoints;

/// <summary>A decoder together with the Hugging Face folder that it came from or would be written as.</summary>
public sealed class PretrainedModel : IDisposable
{
    /// <summary>The largest file that <see cref="Save(string)"/> writes, in bytes; more weights become several files.</summary>
    public const long MaxShardBytes = 5_000_000_000;

    /// <summary>Prefixes that parallel training, compilation and PEFT leave before a model's names.</summary>
    private static readonly string[] _wrappers = ["module.", "_orig_mod.", "base_model.model.", "module._orig_mod.", "pretrained_model."];

    private readonly JsonObject _config;

    private PretrainedModel(Decoder decoder, JsonObject config, string? folder, IReadOnlyList<int> stopTokens)
    {
        Decoder = decoder;
        _config = config;
        Folder = folder;
        StopTokens = stopTokens;
    }

    /// <summary>The model.</summary>
    public Decoder Decoder { get; }

    /// <summary>The folder it was read from; null for a fresh model.</summary>
    public string? Folder { get; }

    /// <summary>Where its generation ends: <c>eos_token_id</c> of generation_config.json, else of config.json.</summary>
    public IReadOnlyList<int> StopTokens { get; }

    /// <summary>Reads a model folder.</summary>
    /// <param name="folder">Holds config.json and safetensors weights.</param>
    /// <param name="dtype">The dtype to compute in: float32 or bfloat16.</param>
    /// <param name="device">Where to put the weights.</param>
    /// <exception cref="InputException">The folder is not a model, or not one that Reft can run.</exception>
    public static PretrainedModel Load(string folder, ScalarType dtype, ComputeDevice device) => Load(folder, dtype, device, null);

    /// <summary>Loads a model whose layers' weights are kept in few bits from the moment that each is read.</summary>
    internal static PretrainedModel Load(string folder, ScalarType dtype, ComputeDevice device, WeightQuantization quantization) =>
        Load(folder, dtype, device, null, quantization);

    /// <summary>Reads a model folder, or that of a sequence classifier.</summary>
    /// <param name="folder">Holds config.json and safetensors weights.</param>
    /// <param name="dtype">The dtype to compute in: float32 or bfloat16.</param>
    /// <param name="device">Where to put the weights.</param>
    /// <param name="makeClasses">Makes the classifier's head, which is filled; null for a language model.</param>
    /// <param name="quantization">How the layers' weights are kept.</param>
    internal static PretrainedModel Load(
        string folder, ScalarType dtype, ComputeDevice device, Func<DecoderConfig, ClassHead>? makeClasses,
        WeightQuantization quantization = WeightQuantization.None)
    {
        if (!Directory.Exists(folder))
        {
            throw new InputException(
                $"{folder}: no such folder: name a folder with config.json and model.safetensors");
        }

        var path = Path.Combine(folder, HuggingFaceFolder.Config);
        if (!File.Exists(path) && PeftFolder.BaseOf(folder) is { } below)
        {
            return Adapted(below, folder, dtype, device, makeClasses).Quantized(quantization);
        }

        if (!File.Exists(path))
        {
            throw new InputException($"{path}: no such file: a model folder needs config.json");
        }

        var reader = ConfigReader.Open(path);
        var (family, config) = ModelFamilies.Read(reader);
        CheckKind(reader, isClassifier: makeClasses is not null);
        using var files = WeightFiles.Open(folder);
        // A classifier has no language head; tied to the embedding, the decoder's needs no weights.
        var decoder = Decoder.Create(
            family, makeClasses is null ? config : config with { TieEmbeddings = true }, device, dtype, seed: null);
        var classes = makeClasses?.Invoke(config);
        try
        {
            Fill(decoder, classes, files, quantization);
            return new PretrainedModel(decoder, reader.ToObject(), folder, StopsOf(folder, config));
        }
        catch
        {
            decoder.Dispose();
            classes?.Dispose();
            throw;
        }
    }

    /// <summary>The base model of a folder that holds nothing but adapters, with these added to its weights.</summary>
    private static PretrainedModel Adapted(
        string below, string folder, ScalarType dtype, ComputeDevice device, Func<DecoderConfig, ClassHead>? makeClasses)
    {
        var model = Load(below, dtype, device, makeClasses);
        try
        {
            PeftFolder.Load(model.Decoder, folder);
            model.Decoder.MergeAdapters();
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private PretrainedModel Quantized(WeightQuantization quantization)
    {
        Decoder.QuantizeBase(quantization);
        return this;
    }

    /// <summary>The config.json that it came with.</summary>
    internal JsonObject Config => _config;

    /// <summary>A freshly initialised model.</summary>
    /// <param name="configJson">The text of a config.json.</param>
    /// <param name="dtype">float32 or bfloat16.</param>
    /// <param name="device">Where to put the weights.</param>
    /// <param name="seed">The seed of the weights.</param>
    public static PretrainedModel Initialize(string configJson, ScalarType dtype, ComputeDevice device, ulong seed)
    {
        using var document = JsonDocument.Parse(configJson);
        var (family, config) = ModelFamilies.Read(new ConfigReader(HuggingFaceFolder.Config, document.RootElement.Clone()));
        var json = JsonNode.Parse(configJson)!.AsObject(); // It was parsed as an object just now.
        return new PretrainedModel(Decoder.Create(family, config, device, dtype, seed), json, null, config.EosTokenIds);
    }

    /// <summary>
    /// Writes a folder that Transformers loads unchanged, with adapters added to the weights; files that are there are
    /// replaced one by one, whole.
    /// </summary>
    /// <param name="folder">Where to; made if it is not there.</param>
    public void Save(string folder) => Save(folder, Decoder.Merged, _config.DeepClone().AsObject());

    /// <summary>Writes a folder with other weights and another config.json than the language model's.</summary>
    internal void Save(string folder, Func<IEnumerable<KeyValuePair<string, Tensor>>> weights, JsonObject config)
    {
        Directory.CreateDirectory(folder);
        var name = Decoder.Dtype == ScalarType.BFloat16 ? "bfloat16" : "float32";
        if (Decoder.Slot is not null)
        {
            config[LatentSlot.ConfigKey] = true;
        }

        config.Remove("torch_dtype");
        config["dtype"] = name;
        // Transformers before 4.56 reads only the old spelling; newer ones read both.
        config["torch_dtype"] = name;
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        WeightWriter.Write(folder, [.. weights().Select(pair => WeightTensor.Source(pair.Key, pair.Value))], MaxShardBytes);
        AtomicFile.WriteAllText(
            Path.Combine(folder, HuggingFaceFolder.Config), config.ToJsonString(Indented) + "\n");
        if (Folder is not null && Path.GetFullPath(Folder) != Path.GetFullPath(folder))
        {
            HuggingFaceFolder.CopyCompanions(Folder, folder);
        }
    }

    /// <summary>Puts the weights of another folder of the same model in the place of its own.</summary>
    /// <param name="folder">Holds config.json and safetensors weights.</param>
    /// <exception cref="InputException">The folder is not a model, or another one; the weights are as they were.</exception>
    /// <exception cref="IOException">The folder could not be read to its end; the weights are half replaced.</exception>
    internal void Reload(string folder)
    {
        var path = Path.Combine(folder, HuggingFaceFolder.Config);
        if (!File.Exists(path))
        {
            throw new InputException($"{path}: no such file: weights come as a model's folder");
        }

        var other = ConfigReader.Open(path).ToObject();
        if (_config.Concat(other).Select(pair => pair.Key).Distinct().Except(_unlike).FirstOrDefault(key => !JsonNode.DeepEquals(_config[key], other[key])) is { } key)
        {
            throw new InputException(
                $"{path}: '{key}' is {OneLine.Of(other[key]?.ToJsonString() ?? "absent", 60)}, and the model's own is "
                + $"{OneLine.Of(_config[key]?.ToJsonString() ?? "absent", 60)}: weights can be replaced by those of the same model alone");
        }

        using var files = WeightFiles.Open(folder);
        Fill(Decoder, classes: null, files, WeightQuantization.None);
    }

    /// <summary>Keys that say how a folder was written, not what the model computes.</summary>
    private static readonly string[] _unlike = ["dtype", "torch_dtype", "transformers_version", "_name_or_path"];

    /// <inheritdoc/>
    public void Dispose() => Decoder.Dispose();

    private static JsonSerializerOptions Indented { get; } = new() { WriteIndented = true };

    private static IReadOnlyList<int> StopsOf(string folder, DecoderConfig config)
    {
        var path = Path.Combine(folder, "generation_config.json");
        var own = File.Exists(path) ? ConfigReader.Open(path).TokenIds("eos_token_id") : [];
        return own.Count > 0 ? own : config.EosTokenIds;
    }

    private static void CheckKind(ConfigReader config, bool isClassifier)
    {
        const string Ending = "ForSequenceClassification";
        if (config.OptionalTexts("architectures")?.Any(name => name.EndsWith(Ending, StringComparison.Ordinal)) == true != isClassifier)
        {
            throw new InputException(isClassifier
                ? $"{config.File}: 'architectures' names no …{Ending}: this is no reward model; train one with method outcome-reward"
                : $"{config.File}: 'architectures' names a …{Ending}: this is a reward model, which scores texts and writes none; "
                    + "give it to 'reft rerank', or name a language model");
        }
    }

    private static void Fill(Decoder decoder, ClassHead? classes, WeightFiles files, WeightQuantization quantization)
    {
        using var frozen = no_grad();
        var names = decoder.Names;
        var head = names.Head + ".weight";
        var embedding = names.Embedding + ".weight";
        Parameter[] all = classes is null ? [.. decoder.Parameters] : [.. decoder.Parameters, classes.Weight];
        var found = WeightMatch.Find(files, all.Select(Expected), Ignorable);
        var few = quantization == WeightQuantization.None ? [] : decoder.QuantizableWeights.ToHashSet();
        foreach (var parameter in all)
        {
            using var scope = NewDisposeScope();
            parameter.Set(WeightTensor.From(found[parameter.Name].File, found[parameter.Name].Tensor));
            if (few.Contains(parameter))
            {
                parameter.Quantize(quantization); // At once: the whole weights are never there together.
            }
        }

        ExpectedWeight Expected(Parameter parameter)
        {
            var aliases = new List<string>();
            if (parameter.Name.StartsWith(names.BasePrefix, StringComparison.Ordinal))
            {
                // Files of the bare model, without its head, leave the prefix out.
                aliases.Add(parameter.Name[names.BasePrefix.Length..]);
            }

            if (parameter.Name == embedding && decoder.Config.TieEmbeddings)
            {
                aliases.Add(head);
            }

            // What wrapped the model when it was saved left its name.
            aliases.AddRange(_wrappers.SelectMany(wrapper => aliases.Prepend(parameter.Name).ToArray().Select(name => wrapper + name)).ToArray());

            return new ExpectedWeight(parameter.Name, parameter.Value.shape) { Aliases = aliases };
        }

        // A value head of another program (TRL) is no part of the language model.
        bool Ignorable(string name) => names.Buffers.Any(b => name.EndsWith("." + b, StringComparison.Ordinal))
            || name.StartsWith("v_head.", StringComparison.Ordinal);
    }
}
