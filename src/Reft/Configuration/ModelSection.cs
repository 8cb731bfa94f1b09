using Reft.Models;
using Reft.Numerics;

namespace Reft.Configuration;

/// <summary>The dtype that a model computes in; master weights and moments are float32 whatever it is.</summary>
public enum ComputeDtype
{
    /// <summary>float32.</summary>
    Fp32,

    /// <summary>bfloat16.</summary>
    Bf16,
}

/// <summary>The model that is trained: one that exists, or a fresh one; exactly one of the two.</summary>
public sealed record ModelSection
{
    /// <summary>A Hugging Face folder, such as another run's checkpoint; or a model of the hub, <c>hf://org/name[@revision]</c>.</summary>
    public string? Path { get; init; }

    /// <summary>A freshly initialised model, with a tokenizer that is trained on the training problems.</summary>
    public FreshModelSection? Fresh { get; init; }

    /// <summary>What it computes in.</summary>
    public ComputeDtype Dtype { get; init; }

    /// <summary>Where it computes: <c>cpu</c>, <c>cuda</c>, <c>cuda:1</c>, …, or <c>auto</c> for the first GPU where there is one.</summary>
    public string Device { get; init; } = ComputeDevice.Cpu.Name;

    /// <summary>Which matrix products it computes with on the CPU; <see cref="ProductChoice.Fastest"/> gives up equal bits.</summary>
    public ProductChoice Products { get; init; }

    /// <summary>Low-rank adapters; absent for full fine-tuning.</summary>
    public LoraOptions? Lora { get; init; }

    /// <summary>How the layers' weights are kept under adapters; checkpoints are whole.</summary>
    public WeightQuantization Quantization { get; init; }

    /// <summary>Whether values come from a network of their own (the paper's ablation) and not from the shared trunk.</summary>
    public bool SeparateValueNetwork { get; init; }

    /// <summary>Whether the value head starts at zero rather than uniformly in ±1/√D.</summary>
    public bool ZeroValueHead { get; init; }

    /// <summary>
    /// Whether the model gets a latent slot between prompt and response where it has none: a token that a small layer of attention makes of the
    /// prompt's states.
    /// </summary>
    public bool LatentSlot { get; init; }

    /// <summary>Whether layers keep only their inputs and are computed again in the backward pass: less memory, more time.</summary>
    public bool ActivationCheckpointing { get; init; }

    /// <summary>Whether the dropout of the model's own config.json acts in supervised training, as in the paper.</summary>
    public bool Dropout { get; init; }
}

/// <summary>A fresh Llama and its tokenizer.</summary>
public sealed record FreshModelSection
{
    /// <summary>Layers, at least 1.</summary>
    public required int Layers { get; init; }

    /// <summary>The width of hidden states, D; a multiple of <see cref="Heads"/>.</summary>
    public required int Width { get; init; }

    /// <summary>Attention heads.</summary>
    public required int Heads { get; init; }

    /// <summary>Key/value heads; absent for as many as heads.</summary>
    public int? KeyValueHeads { get; init; }

    /// <summary>The width of the gated feed-forward layer.</summary>
    public required int FeedForward { get; init; }

    /// <summary>The longest sequence, prompt and completion, in tokens.</summary>
    public required int Context { get; init; }

    /// <summary>Whether the head is the embedding.</summary>
    public bool TieEmbeddings { get; init; } = true;

    /// <summary>The vocabulary of the byte-level BPE tokenizer that is trained, at least 257; digits are split.</summary>
    public required int Vocabulary { get; init; }

    /// <summary>Every value that is out of range, each line beginning with its path.</summary>
    public IReadOnlyList<string> Validate(string path) => new RangeErrors(path)
        .AtLeast("layers", Layers, 1)
        .AtLeast("width", Width, 2)
        .AtLeast("heads", Heads, 1)
        .AtLeast("keyValueHeads", KeyValueHeads, 1)
        .AtLeast("feedForward", FeedForward, 1)
        .AtLeast("context", Context, 2)
        .AtLeast("vocabulary", Vocabulary, 257)
        .All;
}
