using Reft.Models.Blocks;
using Reft.Models.Families;
using static TorchSharp.torch;

namespace Reft.Models;

/// <summary>One layer: the family's block, with its projections.</summary>
internal sealed class DecoderLayer
{
    private readonly IBlock _block;

    public DecoderLayer(ModelFamily family, DecoderConfig config, int index, ParameterSet parameters)
    {
        var parts = new LayerParts(config, family.Names, index, parameters);
        _block = family.Block(parts);
        Projections = parts.Projections;
    }

    /// <summary>Every projection of the layer.</summary>
    public IReadOnlyList<Projection> Projections { get; }

    /// <summary>The layer's result for the residual stream x [N, D]: [N, D], the last layer's of the tokens that are read [M, D].</summary>
    public Tensor Forward(Tensor x, LayerPass pass)
    {
        using var scope = NewDisposeScope();
        return _block.Forward(x, pass).MoveToOuterDisposeScope();
    }
}
