using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Reft.Checkpoints;
using Reft.Models;
using static TorchSharp.torch;

namespace Reft.Leases;

/// <summary>
/// The weights of a run, written for its workers: once all of them, then what has changed since, as versions. Every file is whole when it is there.
/// </summary>
internal sealed class WeightFolder : IDisposable
{
    /// <summary>Says what the model is.</summary>
    public const string ModelFile = "model.json";

    private readonly PretrainedModel _model;
    private readonly LoraOptions? _lora;
    private readonly Dictionary<Parameter, long> _begun = [];
    private Dictionary<Parameter, long> _written = [];
    private WeightsVersion? _current;

    /// <summary>Makes the folder, and removes those that earlier starts of the run have left.</summary>
    /// <param name="run">The run, which says where it is.</param>
    /// <param name="model">The model, adapters and all.</param>
    /// <param name="lora">Its adapters; null for none.</param>
    public WeightFolder(LeasedRun run, PretrainedModel model, LoraOptions? lora)
    {
        Path = run.Weights;
        _model = model;
        _lora = lora;
        var around = System.IO.Path.GetDirectoryName(Path)!; // The run's own is in another.
        Directory.CreateDirectory(around);
        foreach (var left in Directory.GetDirectories(around, $"{run.Id}-*"))
        {
            Clear(left);
        }

        Directory.CreateDirectory(Path);
    }

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>The parameters of a model and of its adapters, by name.</summary>
    public static Dictionary<string, Parameter> ParametersOf(Decoder decoder) =>
        decoder.Parameters.Concat(decoder.AdapterParameters).ToDictionary(parameter => parameter.Name, StringComparer.Ordinal);

    /// <summary>The SHA-256 of a file in lower-case hexadecimal digits.</summary>
    public static string HashOf(string path)
    {
        using var stream = InputFile.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    /// <summary>Writes the weights as they are now, if they have changed, and deletes those before.</summary>
    public WeightsVersion Publish()
    {
        var parameters = ParametersOf(_model.Decoder).Values.ToDictionary(parameter => parameter, parameter => parameter.Version);
        if (_current is null)
        {
            WriteModel();
            return Write(0, parameters.Keys, parameters);
        }

        if (parameters.All(pair => _written.GetValueOrDefault(pair.Key, -1) == pair.Value))
        {
            return _current;
        }

        var before = _current;
        var version = Write(before.Number + 1, parameters.Where(pair => _begun.GetValueOrDefault(pair.Key, -1) != pair.Value).Select(pair => pair.Key), parameters);
        if (before.Number > 1)
        {
            // Not the one before: a worker may be reading it still, for a lease that was withdrawn.
            File.Delete(System.IO.Path.Combine(Path, WeightsVersion.NameOf(before.Number - 1)));
        }

        return version;
    }

    /// <summary>Removes the folder, and the one that it is in where nothing else is there.</summary>
    public void Dispose()
    {
        Clear(Path);
        RemoveIfEmpty(System.IO.Path.GetDirectoryName(Path)!); // The run's own is in another.
    }

    private WeightsVersion Write(int number, IEnumerable<Parameter> parameters, Dictionary<Parameter, long> versions)
    {
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        var path = System.IO.Path.Combine(Path, WeightsVersion.NameOf(number));
        SafeTensorsWriter.Write(path, parameters.Select(parameter => WeightTensor.Source(parameter.Name, parameter.Value)));
        if (number == 0)
        {
            foreach (var (parameter, version) in versions)
            {
                _begun[parameter] = version;
            }
        }

        _written = versions;
        return _current = new WeightsVersion(number, HashOf(path));
    }

    private void WriteModel()
    {
        var config = _model.Config.DeepClone().AsObject();
        if (_model.Decoder.Slot is not null)
        {
            config[LatentSlot.ConfigKey] = true;
        }

        var model = new JsonObject
        {
            ["dtype"] = _model.Decoder.Dtype == ScalarType.BFloat16 ? "bfloat16" : "float32",
            ["lora"] = JsonSerializer.SerializeToNode(_lora),
            ["config"] = config,
        };
        AtomicFile.WriteAllText(System.IO.Path.Combine(Path, ModelFile), model.ToJsonString() + "\n");
    }

    /// <summary>Removes what this class writes, and the folder if nothing else is in it.</summary>
    private static void Clear(string path)
    {
        StagedFile.RemoveLeftovers(path);
        foreach (var file in Directory.GetFiles(path, "v*.safetensors").Append(System.IO.Path.Combine(path, ModelFile)))
        {
            File.Delete(file);
        }

        RemoveIfEmpty(path);
    }

    private static void RemoveIfEmpty(string path)
    {
        if (!Directory.EnumerateFileSystemEntries(path).Any())
        {
            Directory.Delete(path);
        }
    }
}
