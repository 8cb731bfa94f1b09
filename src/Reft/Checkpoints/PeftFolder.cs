using System.Text.Json;
using System.Text.Json.Nodes;
using Reft.Hub;
using Reft.Models;
using static TorchSharp.torch;

namespace Reft.Checkpoints;

/// <summary>Adapters in PEFT's format: adapter_config.json and adapter_model.safetensors.</summary>
internal static class PeftFolder
{
    private const string ConfigFile = "adapter_config.json";
    private const string WeightsFile = "adapter_model.safetensors";
    private const string Prefix = "base_model.model.";

    private static JsonSerializerOptions Indented { get; } = new() { WriteIndented = true };

    /// <summary>Writes a model's adapters.</summary>
    /// <param name="decoder">The model; it must have adapters.</param>
    /// <param name="options">How they were made.</param>
    /// <param name="baseModel">The base model's folder or name, for the record.</param>
    /// <param name="folder">Where to.</param>
    public static void Save(Decoder decoder, LoraOptions options, string baseModel, string folder)
    {
        Directory.CreateDirectory(folder);
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        SafeTensorsWriter.Write(
            Path.Combine(folder, WeightsFile),
            [.. decoder.AdapterParameters.Select(p => WeightTensor.Source(Prefix + p.Name, p.Value))]);
        var targets = decoder.Adapters.Select(a => a.Name[(a.Name.LastIndexOf('.') + 1)..]).Distinct().Order();
        var config = new JsonObject
        {
            ["peft_type"] = "LORA",
            ["task_type"] = "CAUSAL_LM",
            ["base_model_name_or_path"] = HubAddress.Is(baseModel) ? baseModel[HubAddress.Scheme.Length..] : baseModel,
            ["r"] = options.Rank,
            ["lora_alpha"] = options.Alpha,
            ["lora_dropout"] = 0.0,
            ["bias"] = "none",
            ["fan_in_fan_out"] = decoder.Config.TransposedWeights,
            ["target_modules"] = new JsonArray([.. targets.Select(t => (JsonNode)t)]),
            ["inference_mode"] = true,
        };
        AtomicFile.WriteAllText(Path.Combine(folder, ConfigFile), config.ToJsonString(Indented) + "\n");
    }

    /// <summary>The folder of the base model of one that holds adapters; null for a folder without.</summary>
    /// <exception cref="InputException">The base is not there.</exception>
    public static string? BaseOf(string folder)
    {
        var path = Path.Combine(folder, ConfigFile);
        if (!File.Exists(path))
        {
            return null;
        }

        var below = ConfigReader.Open(path).OptionalText("base_model_name_or_path");
        return below is { Length: > 0 } && Directory.Exists(below) ? below
            : below is { Length: > 0 } && Directory.Exists(Path.Combine(folder, below)) ? Path.Combine(folder, below)
            : below is not null && HubAddress.IsModel(below) ? OfCache(path, below)
            : throw new InputException(
                $"{OneLine.Of(path)}: holds adapters alone, and its 'base_model_name_or_path' {OneLine.Quote(below ?? "")} is no folder here and no model of the hub: "
                + "write the base model's folder there");
    }

    /// <summary>A base that the hub's cache holds. A folder's file is a stranger's: it does not make a program ask the network.</summary>
    private static string OfCache(string path, string model)
    {
        try
        {
            return new HubPaths(HubSettings.FromEnvironment() with { IsOffline = true }).Model(HubAddress.Scheme + model);
        }
        catch (InputException error)
        {
            throw new InputException(
                $"{OneLine.Of(path)}: holds adapters alone, and its 'base_model_name_or_path' {OneLine.Quote(model)} is no folder here, nor in the hub's cache: "
                + $"run 'reft pull {model}', or write the base model's folder there", error);
        }
    }

    /// <summary>Gives a model the adapters of a folder.</summary>
    /// <param name="decoder">The base model, without adapters.</param>
    /// <param name="folder">Holds adapter_config.json and adapter_model.safetensors.</param>
    /// <returns>How the adapters are made.</returns>
    /// <exception cref="InputException">The folder is no LoRA adapter of this model, or uses what Reft does not support.</exception>
    public static LoraOptions Load(Decoder decoder, string folder)
    {
        var options = Read(ConfigReader.Open(Path.Combine(folder, ConfigFile)));
        decoder.AddAdapters(options, seed: 0);
        using var file = SafeTensorsFile.Open(Path.Combine(folder, WeightsFile));
        using var frozen = no_grad();
        var expected = decoder.AdapterParameters.ToDictionary(p => Prefix + p.Name);
        var unexpected = file.Entries.Keys.Where(name => !expected.ContainsKey(name)).ToArray();
        var missing = expected.Keys.Where(name => !file.Entries.ContainsKey(name)).ToArray();
        if (missing.Length + unexpected.Length > 0)
        {
            throw new InputException(
                $"{file.Path}: not an adapter of this model: missing {OneLine.List(missing)}; "
                + $"unexpected {OneLine.List(unexpected)}");
        }

        foreach (var (name, parameter) in expected)
        {
            using var scope = NewDisposeScope();
            var entry = file.Entries[name];
            if (!entry.Shape.AsSpan().SequenceEqual(parameter.Value.shape))
            {
                throw new InputException(
                    $"{file.Path}: {OneLine.Quote(name)} has shape [{string.Join(", ", entry.Shape)}] where " +
                    $"[{string.Join(", ", parameter.Value.shape)}] is needed");
            }

            parameter.Set(WeightTensor.From(file, entry));
        }

        return options;
    }

    private static LoraOptions Read(ConfigReader config)
    {
        var type = config.OptionalText("peft_type");
        if (type != "LORA")
        {
            throw config.Unsupported("peft_type", $"'{type}'", "LORA");
        }

        config.MustBe("use_dora", false);
        config.MustBe("use_rslora", false);
        if ((config.OptionalText("bias") ?? "none") != "none")
        {
            throw config.Unsupported("bias", $"'{config.OptionalText("bias")}'", "none");
        }

        return new LoraOptions
        {
            Rank = config.Positive("r"),
            Alpha = config.PositiveNumber("lora_alpha", 8),
            Targets = config.OptionalTexts("target_modules") ?? [],
        };
    }
}
