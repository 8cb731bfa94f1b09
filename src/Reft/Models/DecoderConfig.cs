using Reft.Numerics;

namespace Reft.Models;

/// <summary>How the queries, keys and values of one layer are stored.</summary>
internal enum QkvLayout
{
    /// <summary>Three projections.</summary>
    Separate,

    /// <summary>One projection: all queries, then all keys, then all values (GPT-2).</summary>
    Thirds,

    /// <summary>One projection: for each head its query, key and value (GPT-NeoX).</summary>
    PerHead,

    /// <summary>One projection: all queries, then all keys, then all values, of which there may be fewer (Phi 3, Falcon 7B).</summary>
    Rows,

    /// <summary>One projection: for each key/value head its queries, its key and its value (Falcon's later models).</summary>
    Groups,

    /// <summary>One projection in four blocks, each with its queries, values and keys (CodeGen's tensor parallelism).</summary>
    FourBlocks,
}

/// <summary>How attention and feed-forward share a layer's residual stream.</summary>
internal enum ResidualKind
{
    /// <summary>Attention first, then the feed-forward part on its result.</summary>
    Sequential,

    /// <summary>Both read the layer's input through one norm (CodeGen).</summary>
    ParallelOneNorm,

    /// <summary>Both read the layer's input, each through its own norm (GPT-NeoX).</summary>
    ParallelTwoNorms,
}

/// <summary>Normalisation at the entry of a sub-layer.</summary>
internal enum NormKind
{
    /// <summary>Root mean square (<see href="https://arxiv.org/abs/1910.07467"/>).</summary>
    RootMeanSquare,

    /// <summary>Mean and variance (<see href="https://arxiv.org/abs/1607.06450"/>).</summary>
    Layer,
}

/// <summary>
/// What a decoder-only transformer computes, read from a Hugging Face <c>config.json</c> by its family. The families
/// say only how they differ; <see cref="Decoder"/> builds every one of them from this record.
/// </summary>
public sealed record DecoderConfig
{
    /// <summary>The family's name in <c>config.json</c>: <c>llama</c>, <c>gpt2</c>, …</summary>
    public required string ModelType { get; init; }

    /// <summary>Tokens in the vocabulary, V.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Width of the residual stream, D.</summary>
    public required int Width { get; init; }

    /// <summary>Number of layers.</summary>
    public required int Layers { get; init; }

    /// <summary>Query heads, H.</summary>
    public required int Heads { get; init; }

    /// <summary>Key and value heads, G; H is a multiple of it.</summary>
    public required int KeyValueHeads { get; init; }

    /// <summary>Width of one head.</summary>
    public required int HeadSize { get; init; }

    /// <summary>Width of the feed-forward part.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>The longest sequence in tokens.</summary>
    public required int MaxPositions { get; init; }

    /// <summary>Standard deviation of freshly initialised weights.</summary>
    public double InitializerRange { get; init; } = 0.02;

    /// <summary>Whether the output head is the embedding matrix.</summary>
    public required bool TieEmbeddings { get; init; }

    /// <summary>Ids at which generation stops; empty if the file names none.</summary>
    public required IReadOnlyList<int> EosTokenIds { get; init; }

    /// <summary>The id of the start token; null if the file names none.</summary>
    public int? BosTokenId { get; init; }

    /// <summary>The id of padding; null if the file names none.</summary>
    public int? PadTokenId { get; init; }

    /// <summary>The dtype that the file names: <c>float32</c>, <c>bfloat16</c> or <c>float16</c>; null if none.</summary>
    public string? Dtype { get; init; }

    /// <summary>What is dropped in training, where training asks for it.</summary>
    internal DropoutRates Dropout { get; init; } = DropoutRates.None;

    internal ActivationKind Activation { get; init; }

    internal bool Gated { get; init; }

    internal NormKind Norm { get; init; }

    internal double NormEpsilon { get; init; } = 1e-5;

    internal bool NormAffine { get; init; } = true;

    /// <summary>Whether norms come before their sub-layer (true) or after the residual sum (OPT-350m).</summary>
    internal bool NormFirst { get; init; } = true;

    internal bool FinalNorm { get; init; } = true;

    internal ResidualKind Residual { get; init; }

    internal QkvLayout Qkv { get; init; }

    /// <summary>Whether linear weights are stored [in, out] (GPT-2's Conv1D).</summary>
    internal bool TransposedWeights { get; init; }

    internal bool QkvBias { get; init; }

    internal bool AttentionOutputBias { get; init; }

    internal bool FeedForwardBias { get; init; }

    internal bool HeadBias { get; init; }

    /// <summary>Whether queries and keys are normalised head by head (Qwen3).</summary>
    internal bool QueryKeyNorm { get; init; }

    /// <summary>Whether all queries of a token are normalised as one row, and all keys (OLMo 2).</summary>
    internal bool WholeQueryKeyNorm { get; init; }

    /// <summary>Whether norms multiply by <c>1 + w</c> (Gemma): weights start at 0, not 1.</summary>
    internal bool NormsAroundOne { get; init; }

    /// <summary>Multiplies the token embeddings (Gemma: √D).</summary>
    internal double EmbeddingScale { get; init; } = 1;

    /// <summary>What attention scores come no further from 0 than; null for no limit.</summary>
    internal double? ScoreCap { get; init; }

    /// <summary>What logits come no further from 0 than; null for no limit.</summary>
    internal double? LogitCap { get; init; }

    internal RotaryConfig? Rotary { get; init; }

    /// <summary>The rotary positions of layers with a window where they are others (Gemma 3, OLMo 3); null for the same.</summary>
    internal RotaryConfig? LocalRotary { get; init; }

    /// <summary>Layers without rotary positions (SmolLM 3).</summary>
    internal IReadOnlyList<int> UnrotatedLayers { get; init; } = [];

    /// <summary>Whether gate and up are one projection (Phi 3).</summary>
    internal bool FusedGate { get; init; }

    /// <summary>Multiplies what each part adds to the residual stream (Granite).</summary>
    internal double ResidualScale { get; init; } = 1;

    /// <summary>Whether it has a latent slot between prompt and response.</summary>
    internal bool LatentSlot { get; init; }

    /// <summary>The experts of the feed-forward parts; null for none.</summary>
    internal ExpertsConfig? Experts { get; init; }

    /// <summary>Divides logits (Granite).</summary>
    internal double LogitDivisor { get; init; } = 1;

    /// <summary>Rows that come before position 0 in the position table; null if there is no such table.</summary>
    internal int? LearnedPositionOffset { get; init; }

    /// <summary>Width of the token embeddings where it is not D (OPT-350m).</summary>
    internal int EmbeddingWidth { get; init; }

    /// <summary>Factor of the attention scores, a layer; 1/√(head size) in most families.</summary>
    internal IReadOnlyList<double> AttentionScales { get; init; } = [];

    /// <summary>For each layer how many tokens back it sees, itself included; null for all.</summary>
    internal IReadOnlyList<int?> SlidingWindows { get; init; } = [];

    /// <summary>What becomes of a layer's attention scores.</summary>
    internal ScoreShape Scores(int layer) => new(AttentionScales[layer], SlidingWindows[layer], ScoreCap);
}
