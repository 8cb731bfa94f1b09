using static TorchSharp.torch;

namespace Reft.Models.Blocks;

/// <summary>A layer's feed-forward part.</summary>
internal interface IFeedForward
{
    /// <summary>What the part adds to the residual stream [N, D], given what it reads [N, D].</summary>
    Tensor Forward(Tensor x, LayerPass pass);
}
