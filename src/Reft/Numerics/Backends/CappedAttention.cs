using TorchSharp;
using static TorchSharp.torch;

namespace Reft.Numerics.Backends;

/// <summary>Attention whose scores have a cap, in libtorch's operations; scores and probabilities are float32.</summary>
internal static class CappedAttention
{
    /// <summary><c>softmax(cap · tanh(scale · q·k / cap)) v</c> of the keys that are seen.</summary>
    /// <param name="queries">Queries [B, H, T, size].</param>
    /// <param name="keys">Keys [B, H, L, size].</param>
    /// <param name="values">Values [B, H, L, size].</param>
    /// <param name="seen">Which keys a query sees; goes to [B, H, T, L].</param>
    /// <param name="shape">Scale and cap; the window is in <paramref name="seen"/>.</param>
    /// <returns>[B, H, T, size], in the queries' dtype.</returns>
    public static Tensor Attend(Tensor queries, Tensor keys, Tensor values, Tensor seen, ScoreShape shape)
    {
        using var scope = NewDisposeScope();
        var scores = queries.to(ScalarType.Float32).matmul(keys.to(ScalarType.Float32).transpose(-2, -1)).Times(shape.Scale);
        using Scalar never = float.NegativeInfinity;
        var probabilities = softmax(scores.Capped(shape.Cap).masked_fill(seen.logical_not(), never), -1);
        return probabilities.matmul(values.to(ScalarType.Float32)).to(queries.dtype).MoveToOuterDisposeScope();
    }
}
