using static TorchSharp.torch;

namespace Reft.Models.Blocks;

/// <summary>Attention first, then the feed-forward part on its result, each through a norm: <c>x += A(norm(x))</c>, <c>x += F(norm(x))</c>.</summary>
internal sealed class SequentialBlock(LayerParts parts) : IBlock
{
    private readonly Norm _attentionNorm = parts.Norm(parts.Names.AttentionNorm);
    private readonly AttentionPart _attention = parts.Attention();
    private readonly Norm _feedForwardNorm = parts.Norm(parts.Names.FeedForwardNorm);
    private readonly IFeedForward _feedForward = parts.FeedForward();

    /// <inheritdoc/>
    public Tensor Forward(Tensor x, LayerPass pass)
    {
        var attended = _attention.Forward(_attentionNorm.Forward(x), pass);
        var middle = pass.Numerics.Sum(_attention.Read(x, pass), attended);
        return pass.Numerics.Sum(middle, _feedForward.Forward(_feedForwardNorm.Forward(middle), pass));
    }
}
