using Reft.Numerics;
using static TorchSharp.torch;

namespace Reft.Models.Blocks;

/// <summary>The first transformer's order, norms after the sums (OPT-350m): <c>x = norm(x + A(x))</c>, <c>x = norm(x + F(x))</c>.</summary>
internal sealed class PostNormBlock(LayerParts parts) : IBlock
{
    private readonly Norm _attentionNorm = parts.Norm(parts.Names.AttentionNorm);
    private readonly AttentionPart _attention = parts.Attention();
    private readonly Norm _feedForwardNorm = parts.Norm(parts.Names.FeedForwardNorm);
    private readonly IFeedForward _feedForward = parts.FeedForward();

    /// <inheritdoc/>
    public Tensor Forward(Tensor x, LayerPass pass)
    {
        var summed = _attentionNorm.Forward(_attention.Read(x, pass).Plus(_attention.Forward(x, pass)));
        return _feedForwardNorm.Forward(summed.Plus(_feedForward.Forward(summed, pass)));
    }
}
