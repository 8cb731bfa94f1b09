using Reft.Algorithms.Terms;
using Reft.Numerics;
using static TorchSharp.torch;

namespace Reft.Algorithms;

/// <summary>Losses of single tokens, as pure functions; every tensor is [M], one entry a token.</summary>
public static class PolicyLosses
{
    // Beyond this a ratio says only that something is wrong, and its exponential overflows.
    private const double LogRatioBound = 20;

    /// <summary>What <see cref="MeasureClipping"/> writes.</summary>
    public static Metric Clipping { get; } = new("ppo/clip_fraction", "share of tokens with ρ outside [1-ε, 1+ε']")
    {
        Chart = new("Policy", "Clip fraction") { Label = "clipped", IsShare = true },
        Healthy = new(
            "clip-fraction", "updates go further than the clip allows for", "lower optimizer.learningRate[, or take fewer {epochs}]")
        { Most = 0.3 },
    };

    /// <summary><c>ρ = exp(log π_θ - log π_old)</c>, the exponent kept in [-20, 20].</summary>
    public static Tensor Ratio(Tensor logProbs, Tensor oldLogProbs) => WrappedTensorDisposeScope(
        () => (logProbs - oldLogProbs).Within(-LogRatioBound, LogRatioBound).exp());

    /// <summary>The ratio of a micro-batch's tokens to the policy that drew them.</summary>
    public static Tensor Ratio(LossInputs inputs) =>
        WrappedTensorDisposeScope(() => Ratio(inputs.Outputs.LogProbs, inputs.Columns.Column(t => t.OldLogProbs)));

    /// <summary>
    /// The clipped surrogate <c>max(-A ρ, -A clip(ρ, 1-ε, 1+ε'))</c>
    /// (<see href="https://arxiv.org/abs/1707.06347"/>, equation 7, as a loss); with a dual clip c at most <c>c |A|</c>, which bounds it where a token
    /// with a negative advantage has become likely (<see href="https://arxiv.org/abs/1912.09729"/>, equation 5).
    /// </summary>
    public static Tensor ClippedSurrogate(Tensor ratio, Tensor advantages, double clipLow, double clipHigh, double? dualClip = null) =>
        WrappedTensorDisposeScope(() =>
        {
            var loss = maximum(-advantages * ratio, -advantages * ratio.Within(1 - clipLow, 1 + clipHigh));
            return dualClip is { } most ? minimum(loss, advantages.abs().Times(most)) : loss;
        });

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

    /// <summary>
    /// <c>exp(mean_t (log π_θ - log π_old))</c> over the sampled tokens of a sequence, at each of its tokens; the exponent kept in [-20, 20].
    /// </summary>
    public static Tensor SequenceRatio(LossInputs inputs) => WrappedTensorDisposeScope(() =>
    {
        var (rows, device) = (inputs.Columns.Rows, inputs.Outputs.LogProbs.device);
        var places = tensor(rows.SelectMany((row, b) => row.Sampled.Select(_ => (long)b)).ToArray(), device: device); // [M]
        var shares = inputs.Columns.Column(row =>
            [.. row.Sampled.Select(s => s ? (float)(1.0 / row.Sampled.Count(x => x)) : 0f)]); // [M]
        var logRatios = inputs.Outputs.LogProbs - inputs.Columns.Column(t => t.OldLogProbs);
        var means = zeros(rows.Count, dtype: logRatios.dtype, device: device).scatter_add(0, places, logRatios * shares); // [B]
        return means.Within(-LogRatioBound, LogRatioBound).exp().gather(0, places);
    });

    /// <summary>Measures how many of the tokens that count have a ratio beyond the clip range.</summary>
    public static void MeasureClipping(Tensor ratio, Tensor counts, double clipLow, double clipHigh, StepMetrics metrics)
    {
        var ratios = ratio.masked_select(counts).cpu().data<float>().ToArray();
        metrics.Add("ppo/clip_fraction", ratios.Average(r => r < 1 - clipLow || r > 1 + clipHigh ? 1.0 : 0), ratios.Length);
    }

    /// <summary>An estimate of the KL to the reference at every token.</summary>
    public static Tensor Divergence(Tensor logProbs, Tensor reference, KlEstimator estimator) => WrappedTensorDisposeScope(() =>
    {
        var d = logProbs - reference;
        return estimator switch
        {
            KlEstimator.K1 => d.alias(),
            KlEstimator.K2 => d.Power(2).Times(0.5),
            // Through expm1: e⁻ᵈ - 1 alone loses small d, and may fall below 0.
            KlEstimator.K3 => d.neg().expm1().Plus(d),
            _ => throw new ArgumentOutOfRangeException(nameof(estimator), estimator, "not an estimator"),
        };
    });
}
