using static TorchSharp.torch;

namespace Reft.Models.Blocks;

/// <summary>What each part reads and what it adds is normalised: <c>x += norm(A(norm(x)))</c>, <c>x += norm(F(norm(x)))</c>.</summary>
internal sealed class SandwichBlock(LayerParts parts) : IBlock
{
    private readonly Norm _attentionNorm = parts.Norm(parts.Names.AttentionNorm);
    private readonly AttentionPart _attention = parts.Attention();
    private readonly Norm _attentionOutputNorm = parts.Norm(parts.Names.AttentionOutputNorm);
    private readonly Norm _feedForwardNorm = parts.Norm(parts.Names.FeedForwardNorm);
    private readonly IFeedForward _feedForward = parts.FeedForward();
    private readonly Norm _feedForwardOutputNorm = parts.Norm(parts.Names.FeedForwardOutputNorm);

    /// <inheritdoc/>
    public Tensor Forward(Tensor x, LayerPass pass)
    {
        var attended = _attentionOutputNorm.Forward(_attention.Forward(_attentionNorm.Forward(x), pass));
        var middle = pass.Numerics.Sum(_attention.Read(x, pass), attended);
        return pass.Numerics.Sum(middle, _feedForwardOutputNorm.Forward(_feedForward.Forward(_feedForwardNorm.Forward(middle), pass)));
    }
}
