using System.Text.Json.Nodes;
using Reft.Models;
using Reft.Models.Families;
using Reft.Numerics;
using static TorchSharp.torch;

namespace Reft.Checkpoints;

/// <summary>
/// An outcome reward model (ReFT, section 4.4; <see href="https://arxiv.org/abs/2110.14168"/>): a language model's trunk with two
/// classes, wrong and right, read from the last token of question and solution. As a folder it is Transformers' sequence
/// classification model of the family.
/// </summary>
internal sealed class RewardModel : IDisposable
{
    private const string HeaderKey = "reft_gives_program_header";
    private static readonly string[] _labels = ["wrong", "right"];

    private readonly PretrainedModel _model;
    private readonly ClassHead _head;
    private readonly bool _ownsTrunk;

    private RewardModel(PretrainedModel model, ClassHead head, bool givesHeader, bool ownsTrunk)
    {
        _ownsTrunk = ownsTrunk;
        _model = model;
        _head = head;
        GivesProgramHeader = givesHeader;
        Classifier = new Policy(model.Decoder, head);
    }

    /// <summary>The class of wrong solutions.</summary>
    public static int Wrong => 0;

    /// <summary>The class of right solutions.</summary>
    public static int Right => 1;

    /// <summary>
    /// The classifier: its one response token is the class, <see cref="Wrong"/> or <see cref="Right"/>, and all before it the prompt.
    /// </summary>
    public Policy Classifier { get; }

    /// <summary>Whether it learned programs whose header and docstring were tokenised with the prompt.</summary>
    public bool GivesProgramHeader { get; }

    /// <summary>The longest text that it reads, in tokens.</summary>
    public int MaxTokens => _model.Decoder.Config.MaxPositions;

    /// <summary>A reward model that begins as a language model with a fresh head.</summary>
    /// <param name="model">The language model, whose own head goes unused; the caller goes on owning it.</param>
    /// <param name="givesHeader">Whether it will learn programs whose header is tokenised with the prompt.</param>
    /// <param name="seed">The seed of the head.</param>
    /// <exception cref="InputException">Transformers has no classifier of the family.</exception>
    public static RewardModel Begin(PretrainedModel model, bool givesHeader, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(model);
        var config = model.Decoder.Config;
        if (model.Decoder.Slot is not null)
        {
            throw new InputException("model.path: has a latent slot, which a reward model has no place for: begin from the model that it was added to");
        }

        ClassifierName(config.ModelType);
        return new RewardModel(
            model, new ClassHead(_labels.Length, config.EmbeddingWidth, config.InitializerRange, seed, model.Decoder.Device), givesHeader,
            ownsTrunk: false);
    }

    /// <summary>Reads a folder that <see cref="Save"/> wrote, or Transformers.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="dtype">float32 or bfloat16.</param>
    /// <param name="device">Where to put the weights.</param>
    /// <exception cref="InputException">It is no reward model, or not one that Reft can run.</exception>
    public static RewardModel Load(string folder, ScalarType dtype, ComputeDevice device)
    {
        ClassHead? head = null;
        var model = PretrainedModel.Load(
            folder, dtype, device, config => head = new ClassHead(_labels.Length, config.EmbeddingWidth, deviation: 0, seed: 0, device));
        var givesHeader = model.Config[HeaderKey]?.GetValue<bool>() ?? false;
        return new RewardModel(model, head!, givesHeader, ownsTrunk: true); // The head was made while loading.
    }

    /// <summary>Writes the folder; the language head is left out.</summary>
    /// <param name="folder">Where to; made if it is not there.</param>
    /// <param name="endToken">Pads where the model names no token of its own: Transformers finds the last token by what pads.</param>
    public void Save(string folder, int endToken)
    {
        var config = _model.Config.DeepClone().AsObject();
        config["architectures"] = new JsonArray(ClassifierName(_model.Decoder.Config.ModelType));
        config["id2label"] = new JsonObject(_labels.Select((label, i) => KeyValuePair.Create($"{i}", (JsonNode?)label)));
        config["label2id"] = new JsonObject(_labels.Select((label, i) => KeyValuePair.Create(label, (JsonNode?)i)));
        config["problem_type"] = "single_label_classification";
        config["pad_token_id"] ??= endToken;
        config[HeaderKey] = GivesProgramHeader;
        var head = KeyValuePair.Create(_head.Weight.Name, _head.Weight.Value);
        _model.Save(folder, () => _model.Decoder.Merged().Where(pair => !_model.Decoder.IsOfHead(pair.Key)).Append(head), config);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _head.Dispose();
        if (_ownsTrunk)
        {
            _model.Dispose();
        }
    }

    private static string ClassifierName(string modelType) => ModelFamilies.Find(modelType)?.Classifier
        ?? throw new InputException(
            $"model.path: Transformers has no sequence classification model of type {modelType}; start from another family");
}
