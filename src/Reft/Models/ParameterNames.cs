namespace Reft.Models;

/// <summary>
/// The Hugging Face names of a family's parameters, without <c>.weight</c> and <c>.bias</c>; layer names are relative to
/// <see cref="Layer"/>, in which <c>{0}</c> is the layer's number.
/// </summary>
internal sealed record ParameterNames
{
    /// <summary>The prefix of everything but the head; some files leave it out.</summary>
    public required string BasePrefix { get; init; }

    public required string Embedding { get; init; }

    public string Positions { get; init; } = "";

    public required string Layer { get; init; }

    public string AttentionNorm { get; init; } = "";

    public string Query { get; init; } = "";

    public string Key { get; init; } = "";

    public string Value { get; init; } = "";

    /// <summary>The one projection of a fused <see cref="QkvLayout"/>.</summary>
    public string Fused { get; init; } = "";

    public string QueryNorm { get; init; } = "";

    public string KeyNorm { get; init; } = "";

    public required string AttentionOutput { get; init; }

    public string FeedForwardNorm { get; init; } = "";

    /// <summary>The norms of what the two parts add to the residual stream, where a block has them.</summary>
    public string AttentionOutputNorm { get; init; } = "";

    public string FeedForwardOutputNorm { get; init; } = "";

    public string Gate { get; init; } = "";

    /// <summary>Gate and up as one projection, the gate's rows first (Phi 3).</summary>
    public string GateUp { get; init; } = "";

    public required string Up { get; init; }

    public required string Down { get; init; }

    public required string FinalNorm { get; init; }

    public required string Head { get; init; }

    /// <summary>Projections between embeddings and residual stream (OPT-350m).</summary>
    public string ProjectIn { get; init; } = "";

    public string ProjectOut { get; init; } = "";

    /// <summary>Endings of tensors that old files carry and that are no parameters: masks, frequency tables.</summary>
    public IReadOnlyList<string> Buffers { get; init; } = [];
}
