using System.Text.Json;
using Reft.Checkpoints;
using Reft.Generation;
using Reft.Models;
using Reft.Models.Families;
using Reft.Numerics;
using static TorchSharp.torch;

namespace Reft.Leases;

/// <summary>A run's model as a worker has it: read once, then brought to whatever version a lease asks for.</summary>
internal sealed class LeasedModel : IDisposable
{
    private readonly string _folder;
    private readonly Decoder _decoder;
    private readonly Dictionary<string, Parameter> _parameters;
    private readonly IDisposable _prepared;
    private WeightsVersion? _version;

    private LeasedModel(string folder, Decoder decoder)
    {
        _folder = folder;
        _decoder = decoder;
        _parameters = WeightFolder.ParametersOf(decoder);
        _prepared = decoder.Prepare();
    }

    /// <summary>How many numbers it has.</summary>
    public long Parameters => _parameters.Values.Sum(parameter => parameter.Count);

    /// <summary>Reads the model that a trainer wrote.</summary>
    /// <param name="folder">The folder of its weights.</param>
    /// <exception cref="InputException">It is not there, or is not one.</exception>
    public static LeasedModel Open(string folder)
    {
        var path = Path.Combine(folder, WeightFolder.ModelFile);
        if (!File.Exists(path))
        {
            throw new InputException($"{path}: no such file: the trainer writes it; where this machine sees its folder elsewhere, say so by --weights");
        }

        using var document = JsonDocument.Parse(File.ReadAllText(path));
        var root = document.RootElement;
        var (family, config) = ModelFamilies.Read(new ConfigReader(path, root.GetProperty("config").Clone()));
        var dtype = root.GetProperty("dtype").GetString() == "bfloat16" ? ScalarType.BFloat16 : ScalarType.Float32;
        var decoder = Decoder.Create(family, config, ComputeDevice.Cpu, dtype, seed: null);
        try
        {
            if (root.GetProperty("lora").Deserialize<LoraOptions>() is { } lora)
            {
                decoder.AddAdapters(lora, seed: 0); // Their numbers are read.
            }

            var model = new LeasedModel(folder, decoder);
            model.Read(WeightsVersion.NameOf(0), all: true); // Versions hold what has changed since.
            return model;
        }
        catch
        {
            decoder.Dispose();
            throw;
        }
    }

    /// <summary>Draws a lease.</summary>
    /// <param name="lease">The lease.</param>
    /// <param name="worker">What this worker is called.</param>
    /// <param name="onToken">Told of every token.</param>
    /// <param name="cancellation">Stops between tokens.</param>
    /// <exception cref="InputException">Its weights are not there, or are not those that the trainer wrote.</exception>
    public LeaseAnswer Draw(Lease lease, string worker, Action onToken, CancellationToken cancellation)
    {
        Bring(lease.Weights);
        foreach (var request in lease.Requests)
        {
            CompletionGenerator.Check(_decoder, request);
        }

        var completions = new CompletionGenerator(_decoder, lease.Slots).DrawHere(lease.Requests, lease.Sampling, lease.Step, (_, _) => onToken(), cancellation);
        return LeaseAnswer.Of(lease.Id, worker, completions);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _prepared.Dispose();
        _decoder.Dispose();
    }

    private void Bring(WeightsVersion version)
    {
        if (_version == version)
        {
            return;
        }

        var path = Path.Combine(_folder, version.FileName);
        try
        {
            if (WeightFolder.HashOf(path) is var hash && hash != version.Sha256)
            {
                throw new InputException($"{path}: is not what the trainer wrote (its SHA-256 begins with {hash[..8]} and not with {version.Sha256[..8]})");
            }

            _version = null; // It is neither until it is the whole of the new one.
            Read(version.FileName, all: version.Number == 0);
            _version = version;
        }
        catch (InputException) when (!File.Exists(path))
        {
            throw new StaleLeaseException($"{path}: no such file: the run has gone on");
        }
    }

    private void Read(string name, bool all)
    {
        using var file = SafeTensorsFile.Open(Path.Combine(_folder, name));
        var missing = _parameters.Keys.Where(parameter => !file.Entries.ContainsKey(parameter)).ToArray();
        if (all && missing.Length > 0)
        {
            throw new InputException($"{file.Path}: lacks {OneLine.List(missing)}");
        }

        foreach (var entry in file.Entries.Values)
        {
            using var scope = NewDisposeScope();
            var parameter = _parameters.GetValueOrDefault(entry.Name) ?? throw new InputException($"{file.Path}: the model has no {OneLine.Quote(entry.Name)}");
            parameter.Set(WeightTensor.From(file, entry));
        }
    }
}

/// <summary>A lease whose run has gone on without it.</summary>
internal sealed class StaleLeaseException(string message) : Exception(message);
