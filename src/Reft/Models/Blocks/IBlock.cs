using static TorchSharp.torch;

namespace Reft.Models.Blocks;

/// <summary>How a layer's attention and feed-forward part share the residual stream, and which norms stand where.</summary>
internal interface IBlock
{
    /// <summary>The layer's result.</summary>
    /// <param name="x">The residual stream [N, D].</param>
    /// <param name="pass">The forward pass.</param>
    /// <returns>[N, D]; the last layer's of the tokens that are read [M, D], as <see cref="AttentionPart.Read"/> picks them.</returns>
    Tensor Forward(Tensor x, LayerPass pass);
}
