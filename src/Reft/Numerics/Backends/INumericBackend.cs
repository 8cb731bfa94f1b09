using Reft.Numerics.Kernels;
using static TorchSharp.torch;

namespace Reft.Numerics.Backends;

/// <summary>
/// The operations that models are made of, on one kind of device; with gradients where they are on. Shapes: N tokens laid end to end, D width,
/// H heads and G key/value heads of one size, V vocabulary.
/// </summary>
internal interface INumericBackend
{
    /// <summary>Rows [N, D] of a table [V, D].</summary>
    Tensor Rows(Tensor table, IndexList rows);

    /// <summary><c>x + y</c>, of one shape.</summary>
    Tensor Sum(Tensor x, Tensor y);

    /// <summary><c>x Wᵀ + b</c>.</summary>
    /// <param name="x">X [N, in].</param>
    /// <param name="map">W and b.</param>
    /// <param name="single">Whether the result is float32 whatever the dtype of the weights: products and sum too.</param>
    /// <returns>Y [N, out].</returns>
    Tensor Linear(Tensor x, ILinearMap map, bool single = false);

    /// <summary><c>x Wᵀ + b</c> for a W that nobody keeps ready.</summary>
    /// <param name="x">X [N, in].</param>
    /// <param name="weight">W [out, in], of x's dtype.</param>
    /// <param name="bias">b [out], or null.</param>
    /// <returns>Y [N, out].</returns>
    Tensor Linear(Tensor x, Tensor weight, Tensor? bias);

    /// <summary>RMS norm over the last dimension of x [.., D], with weight [D]; statistics are float32.</summary>
    Tensor RmsNorm(Tensor x, Tensor weight, double epsilon);

    /// <summary>Layer norm over the last dimension of x [.., D], with weight and bias [D] or without; statistics are float32.</summary>
    Tensor LayerNorm(Tensor x, Tensor? weight, Tensor? bias, double epsilon);

    /// <summary>Heads [N, H, size] turned by their tokens' positions; without gradients the argument may be overwritten.</summary>
    Tensor Rotate(Tensor heads, Rotation rotation, IndexList positions);

    /// <summary><c>silu(gate) · up</c>.</summary>
    Tensor SiluMultiply(Tensor gate, Tensor up);

    /// <summary>Causal attention inside every sequence.</summary>
    /// <param name="queries">Queries [N, H, size].</param>
    /// <param name="keys">Keys [N, G, size].</param>
    /// <param name="values">Values [N, G, size].</param>
    /// <param name="scores">What becomes of its scores.</param>
    /// <param name="layout">The sequences' lengths; N in all.</param>
    /// <param name="dropout">Drops probabilities; null for no dropout.</param>
    /// <returns>The heads' results side by side [N, H · size].</returns>
    Tensor Attend(
        Tensor queries, Tensor keys, Tensor values, ScoreShape scores, SequenceLayout layout, AttentionDropout? dropout);

    /// <summary><c>log softmax(s (h Wᵀ + b))[token]</c>; logits are never whole.</summary>
    /// <param name="hidden">States [N, in] that predict the tokens.</param>
    /// <param name="head">W [V, in] and b.</param>
    /// <param name="targets">The tokens [N], int64.</param>
    /// <param name="entropy">Gets the entropies [N] in nats, float32, without gradients; null for nobody.</param>
    /// <param name="scale">What logits are multiplied by, s: the inverse of the temperature.</param>
    /// <param name="cap">What logits come no further from 0 than before they are scaled; null for no limit.</param>
    /// <returns>Log-probabilities [N], float32.</returns>
    Tensor LogProbs(Tensor hidden, ILinearMap head, Tensor targets, Tensor? entropy, float scale, double? cap = null);
}

/// <summary>A linear map's weights, as they lie in memory.</summary>
internal interface ILinearMap
{
    /// <summary>W [out, in], or [in, out] if transposed.</summary>
    Tensor Matrix { get; }

    /// <summary>b [out]; null if there is none.</summary>
    Tensor? Offset { get; }

    /// <summary>Whether W is stored [in, out].</summary>
    bool IsTransposed { get; }

    /// <summary>W in the kernels' order; null while nobody keeps it, and where the kernels cannot take it.</summary>
    PackedWeight? Packed { get; }

    /// <summary>Whether libtorch's products may be taken on the CPU where they are faster.</summary>
    bool TakesFastest { get; }
}

/// <summary>Cosines and sines of rotary positions.</summary>
/// <param name="Cosines">[positions, pairs], float32.</param>
/// <param name="Sines">[positions, pairs], float32.</param>
/// <param name="Interleaved">Whether a pair is two neighbours, and not one of each half.</param>
internal sealed record Rotation(Tensor Cosines, Tensor Sines, bool Interleaved);
