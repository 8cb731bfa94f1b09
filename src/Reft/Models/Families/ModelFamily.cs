using Reft.Models.Blocks;

namespace Reft.Models.Families;

/// <summary>A model family: its name, how its configuration is read, what its parameters are called.</summary>
internal sealed record ModelFamily(string ModelType, Func<ConfigReader, DecoderConfig> Read, ParameterNames Names)
{
    /// <summary>A small model's part of <c>config.json</c>: what shapes it, with every quirk of the family; for trying things out.</summary>
    public required string Small { get; init; }

    /// <summary>Puts a layer together.</summary>
    public Func<LayerParts, IBlock> Block { get; init; } = parts => new SequentialBlock(parts);

    /// <summary>What Transformers calls the family's sequence classification model; null where it has none.</summary>
    public string? Classifier { get; init; }
}
