using System.Text.Json.Nodes;
using Reft.Checkpoints;
using Reft.Configuration;
using Reft.Hub;
using Reft.Numerics;
using Reft.Problems;
using Reft.Ranks;
using Reft.Text;
using static TorchSharp.torch;

namespace Reft.Inputs;

/// <summary>The model that a run starts from, with its tokenizer.</summary>
internal sealed class RunModel : IDisposable
{
    private readonly string? _temporary;
    private readonly Func<PretrainedModel> _again;

    private RunModel(
        Func<PretrainedModel> again, PretrainedModel model, Tokenizer tokenizer, PromptTemplate template, EndTokens ends, string? temporary)
    {
        _again = again;
        Model = model;
        Tokenizer = tokenizer;
        Template = template;
        Ends = ends;
        _temporary = temporary;
    }

    /// <summary>The model.</summary>
    public PretrainedModel Model { get; }

    /// <summary>Its tokenizer.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>Makes the texts, with the model's own chat template where the config asks for it.</summary>
    public PromptTemplate Template { get; }

    /// <summary>What ends a completion.</summary>
    public EndTokens Ends { get; }

    /// <summary>The token that ends a completion, which training teaches.</summary>
    public int StopToken => Ends.Learned;

    /// <summary>How many ids of the model's vocabulary its tokenizer has no token for, as where an embedding was filled up to a round number.</summary>
    public int Unnamed => Enumerable.Range(0, Model.Decoder.Config.VocabularySize).Count(id => Tokenizer.IdToToken(id) is null);

    /// <summary>What a config computes in.</summary>
    public static ScalarType Dtype(ModelSection section) =>
        section.Dtype == ComputeDtype.Bf16 ? ScalarType.BFloat16 : ScalarType.Float32;

    /// <summary>Where a config computes.</summary>
    /// <exception cref="InputException">There is no such device.</exception>
    public static ComputeDevice Device(ModelSection section) => DeviceChoice.Find(section.Device, "model.device");

    /// <summary>Loads the model, or makes a fresh one with a tokenizer of the problems' texts.</summary>
    /// <exception cref="InputException">The folder is no model, or lacks a tokenizer or an end token.</exception>
    public static RunModel Open(ModelSection section, IEnumerable<Problem> problems, PromptTemplate template, ulong seed) =>
        section.Fresh is { } fresh
            ? Make(section, fresh, problems, template, seed)
            : Load(section, new HubPaths().Model(section.Path!), template, seed); // A model has a path where it is not fresh: the config was validated.

    /// <summary>Loads a checkpoint to compute as a config says.</summary>
    /// <exception cref="InputException">The folder is no model.</exception>
    public static PretrainedModel LoadModel(ModelSection section, string path) =>
        Choose(section, PretrainedModel.Load(path, Dtype(section), Device(section)));

    /// <summary>Loads the model that adapters stand on: its layers' weights are kept as the config says.</summary>
    private static PretrainedModel LoadBase(ModelSection section, string path) =>
        Choose(section, PretrainedModel.Load(path, Dtype(section), Device(section), section.Quantization));

    /// <summary>Those who compute with this model together; copies of it are theirs too.</summary>
    public RankGroup Ranks
    {
        get => Model.Decoder.Ranks;
        set => Model.Decoder.Ranks = value;
    }

    /// <summary>Another copy of the model as it was at the start, which the caller owns.</summary>
    public PretrainedModel Again()
    {
        var again = _again();
        again.Decoder.Ranks = Ranks;
        return again;
    }

    /// <summary>Writes the model as a Hugging Face folder.</summary>
    public void Save(string folder)
    {
        Model.Save(folder);
        SaveTokenizer(folder);
    }

    /// <summary>Writes the tokenizer where no folder's files come along with the model.</summary>
    public void SaveTokenizer(string folder)
    {
        if (Model.Folder is null)
        {
            Tokenizer.Save(folder);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Model.Dispose();
        if (_temporary is not null)
        {
            Directory.Delete(_temporary, recursive: true);
        }
    }

    private static PretrainedModel Choose(ModelSection section, PretrainedModel model)
    {
        model.Decoder.Products = section.Products;
        return model;
    }

    private static PretrainedModel WithSlot(ModelSection section, PretrainedModel model, ulong seed)
    {
        if (section.LatentSlot)
        {
            model.Decoder.AddSlot(seed);
        }

        return model;
    }

    private static RunModel Load(ModelSection section, string path, PromptTemplate template, ulong seed)
    {
        var model = Again();
        try
        {
            // A folder of adapters alone may leave the tokenizer to its base.
            var tokenizer = Tokenizer.Load(File.Exists(Path.Combine(path, "tokenizer.json")) ? path : model.Folder ?? path);
            var bound = template.For(path);
            return new RunModel(Again, model, tokenizer, bound, EndTokens.Of(path, model, tokenizer, bound.Chat), null);
        }
        catch
        {
            model.Dispose();
            throw;
        }

        PretrainedModel Again() => WithSlot(section, LoadBase(section, path), seed);
    }

    private static RunModel Make(
        ModelSection section, FreshModelSection fresh, IEnumerable<Problem> problems, PromptTemplate template, ulong seed)
    {
        var folder = Directory.CreateTempSubdirectory("reft-").FullName;
        try
        {
            var texts = problems.Select(p => template.Prompt(p.Question) + (p.HasSolution ? template.Target(p) : ""));
            var tokenizer = BpeTrainer.Train(texts, new BpeTrainerOptions { VocabularySize = fresh.Vocabulary }, folder);
            var eos = tokenizer.EosId!.Value; // The trainer's tokenizers have one.
            var config = Config(fresh, tokenizer.VocabularySize, eos);
            PretrainedModel Again() =>
                WithSlot(section, Choose(section, PretrainedModel.Initialize(config, Dtype(section), Device(section), seed)), seed);
            return new RunModel(Again, Again(), tokenizer, template, new EndTokens(eos, [eos]), folder);
        }
        catch
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    private static string Config(FreshModelSection fresh, int vocabulary, int eos) => new JsonObject
    {
        ["architectures"] = new JsonArray("LlamaForCausalLM"),
        ["model_type"] = "llama",
        ["vocab_size"] = vocabulary,
        ["hidden_size"] = fresh.Width,
        ["num_hidden_layers"] = fresh.Layers,
        ["num_attention_heads"] = fresh.Heads,
        ["num_key_value_heads"] = fresh.KeyValueHeads ?? fresh.Heads,
        ["intermediate_size"] = fresh.FeedForward,
        ["max_position_embeddings"] = fresh.Context,
        ["hidden_act"] = "silu",
        ["rms_norm_eps"] = 1e-5,
        ["rope_theta"] = 10000.0,
        ["tie_word_embeddings"] = fresh.TieEmbeddings,
        ["initializer_range"] = 0.02,
        ["eos_token_id"] = eos,
        ["bos_token_id"] = eos,
    }.ToJsonString();
}
