using Reft.Models.Blocks;

namespace Reft.Models.Families;

/// <summary>A model family: its name, how its configuration is read, what its parameters are called.</summary>
internal sealed record ModelFamily(string ModelType, Func<ConfigReader, DecoderConfig> Read, ParameterNames Names)
{
    /// <summary>Puts a layer together.</summary>
    public Func<LayerParts, IBlock> Block { get; init; } = parts => new SequentialBlock(parts);

    /// <summary>What Transformers calls the family's sequence classification model; null where it has none.</summary>
    public string? Classifier { get; init; }
}
