using static TorchSharp.torch;

namespace Reft.Models.Blocks;

/// <summary>Both parts read the layer's input, through one norm or each through its own: <c>x += A(norm(x)) + F(norm'(x))</c>.</summary>
/// <param name="parts">The parts.</param>
/// <param name="attentionNorm">The name of attention's norm.</param>
/// <param name="feedForwardNorm">The name of the feed-forward part's; null where the two norms are one.</param>
internal sealed class ParallelBlock(LayerParts parts, string attentionNorm, string? feedForwardNorm) : IBlock
{
    private readonly Norm _attentionNorm = parts.Norm(attentionNorm);
    private readonly AttentionPart _attention = parts.Attention();
    private readonly Norm? _feedForwardNorm = feedForwardNorm is null ? null : parts.Norm(feedForwardNorm);
    private readonly IFeedForward _feedForward = parts.FeedForward();

    /// <summary>A block whose norms have the family's names.</summary>
    /// <param name="parts">The parts.</param>
    /// <param name="sharesNorm">Whether the two norms are one.</param>
    public ParallelBlock(LayerParts parts, bool sharesNorm)
        : this(parts, parts.Names.AttentionNorm, sharesNorm ? null : parts.Names.FeedForwardNorm)
    {
    }

    /// <inheritdoc/>
    public Tensor Forward(Tensor x, LayerPass pass)
    {
        var entered = _attentionNorm.Forward(x);
        var attended = _attention.Forward(entered, pass);
        x = _attention.Read(x, pass);
        var second = _feedForwardNorm is null ? _attention.Read(entered, pass) : _feedForwardNorm.Forward(x);
        return pass.Numerics.Sum(pass.Numerics.Sum(_feedForward.Forward(second, pass), attended), x);
    }
}
