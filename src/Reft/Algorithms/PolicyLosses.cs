using Reft.Algorithms.Terms;
using Reft.Numerics;
using static TorchSharp.torch;

namespace Reft.Algorithms;

/// <summary>Losses of single tokens, as pure functions; every tensor is [M], one entry a token.</summary>
internal static class PolicyLosses
{
    // Beyond this a ratio says only that something is wrong, and its exponential overflows.
    private const double LogRatioBound = 20;

    /// <summary><c>ρ = exp(log π_θ - log π_old)</c>, the exponent kept in [-20, 20].</summary>
    public static Tensor Ratio(Tensor logProbs, Tensor oldLogProbs) => WrappedTensorDisposeScope(
        () => (logProbs - oldLogProbs).Within(-LogRatioBound, LogRatioBound).exp());

    /// <summary>The ratio of a micro-batch's tokens to the policy that drew them.</summary>
    public static Tensor Ratio(LossInputs inputs) =>
        WrappedTensorDisposeScope(() => Ratio(inputs.Outputs.LogProbs, inputs.Columns.Column(t => t.OldLogProbs)));

    /// <summary>
    /// The clipped surrogate <c>max(-A ρ, -A clip(ρ, 1-ε, 1+ε'))</c>
    /// (<see href="https://arxiv.org/abs/1707.06347"/>, equation 7, as a loss).
    /// </summary>
    public static Tensor ClippedSurrogate(Tensor ratio, Tensor advantages, double clipLow, double clipHigh) =>
        WrappedTensorDisposeScope(
            () => maximum(-advantages * ratio, -advantages * ratio.Within(1 - clipLow, 1 + clipHigh)));

    /// <summary>
    /// <c>½ max((V-R)², (clip(V, V_old-ε, V_old+ε)-R)²)</c>; without a clip range <c>½ (V-R)²</c>.
    /// </summary>
    public static Tensor ClippedValue(Tensor values, Tensor oldValues, Tensor returns, double? clip) =>
        WrappedTensorDisposeScope(() =>
        {
            var plain = (values - returns).Power(2);
            if (clip is not { } range)
            {
                return plain.Times(0.5);
            }

            var kept = maximum(minimum(values, oldValues.Plus(range)), oldValues.Plus(-range));
            return maximum(plain, (kept - returns).Power(2)).Times(0.5);
        });
}
