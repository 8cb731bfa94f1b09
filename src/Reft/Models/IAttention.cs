using Reft.Numerics;
using static TorchSharp.torch;

namespace Reft.Models;

/// <summary>How one attention layer looks at its sequence.</summary>
/// <param name="Layer">The layer's number.</param>
/// <param name="Scores">What becomes of its scores.</param>
internal sealed record AttentionLayer(int Layer, ScoreShape Scores);

/// <summary>Where keys and values come from: the batch itself, or a cache that the batch is added to.</summary>
internal interface IAttention
{
    /// <summary>Causal attention inside every sequence.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="queries">Queries [N, H, head size].</param>
    /// <param name="keys">Keys [N, G, head size].</param>
    /// <param name="values">Values [N, G, head size].</param>
    /// <param name="batch">The sequences.</param>
    /// <returns>The heads' results side by side [N, H · head size].</returns>
    Tensor Attend(AttentionLayer layer, Tensor queries, Tensor keys, Tensor values, TokenBatch batch);
}
