using static TorchSharp.torch;

namespace Reft.Models.Blocks;

/// <summary>What each part adds is normalised, what it reads is not: <c>x += norm(A(x))</c>, <c>x += norm(F(x))</c>.</summary>
internal sealed class OutputNormBlock(LayerParts parts) : IBlock
{
    private readonly AttentionPart _attention = parts.Attention();
    private readonly Norm _attentionNorm = parts.Norm(parts.Names.AttentionOutputNorm);
    private readonly IFeedForward _feedForward = parts.FeedForward();
    private readonly Norm _feedForwardNorm = parts.Norm(parts.Names.FeedForwardOutputNorm);

    /// <inheritdoc/>
    public Tensor Forward(Tensor x, LayerPass pass)
    {
        var attended = _attentionNorm.Forward(_attention.Forward(x, pass));
        var middle = pass.Numerics.Sum(_attention.Read(x, pass), attended);
        return pass.Numerics.Sum(middle, _feedForwardNorm.Forward(_feedForward.Forward(middle, pass)));
    }
}
