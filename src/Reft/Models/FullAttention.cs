using Reft.Numerics.Backends;
using static TorchSharp.torch;

namespace Reft.Models;

/// <summary>Attention without a cache, with gradients, on any device; no padding is ever computed.</summary>
/// <param name="numerics">The operations.</param>
/// <param name="dropout">Drops probabilities; null for no dropout.</param>
internal sealed class FullAttention(INumericBackend numerics, Dropout? dropout = null) : IAttention
{
    /// <inheritdoc/>
    public Tensor Attend(AttentionLayer layer, Tensor queries, Tensor keys, Tensor values, TokenBatch batch) =>
        numerics.Attend(queries, keys, values, layer.Scores, batch.Layout, dropout?.Probabilities(layer.Layer));
}
