using Reft.Numerics;
using static TorchSharp.torch;

namespace Reft.Algorithms.Terms;

/// <summary>
/// Cross-entropy whose tokens are weighed by what the model itself thinks of them, without learning through the weight:
/// <c>-sg(p^a [-log p ≤ ε]) log p</c>. The power is DFT's (<see href="https://arxiv.org/abs/2508.05629"/>, a = 1), the limit trims the likelihood:
/// what is believed least is left out, as a wrong label may be.
/// </summary>
/// <param name="power">a, at least 0; 0 for weights of 1.</param>
/// <param name="cap">ε, above 0; null for no limit.</param>
internal sealed class WeightedLikelihood(double power, double? cap) : ILossTerm
{
    /// <inheritdoc/>
    public IReadOnlyList<Formula> Formulas { get; } =
    [
        new(
            "-sg(p^a [-log p ≤ ε]) log p", "Algorithms/Terms/WeightedLikelihood: Losses", "Wu 2025, equation 9") { Departure = "a and the limit ε are options" },
    ];

    /// <inheritdoc/>
    public string Name => "nll";

    /// <inheritdoc/>
    public IReadOnlyList<Metric> Metrics { get; } =
    [
        new("loss/nll", "mean of -log π over the tokens to imitate"), new("dft/weight_mean", "mean weight of the tokens to imitate"),
    ];

    /// <inheritdoc/>
    public Tensor Losses(LossInputs inputs) => power == 0 && cap is null
        ? -inputs.Outputs.LogProbs
        : WrappedTensorDisposeScope(() => -(Weights(inputs.Outputs.LogProbs) * inputs.Outputs.LogProbs));

    /// <inheritdoc/>
    public void Measure(LossInputs inputs, Tensor counts, StepMetrics metrics)
    {
        var own = inputs.Outputs.LogProbs.masked_select(counts);
        metrics.Add("loss/nll", -own.mean().item<float>(), own.numel());
        metrics.Add("dft/weight_mean", Weights(own).mean().item<float>(), own.numel());
    }

    /// <summary>The weights of tokens [M], without gradients.</summary>
    private Tensor Weights(Tensor logProbs) => WrappedTensorDisposeScope(() =>
    {
        var own = logProbs.detach();
        var weights = own.Times(power).exp();
        return cap is { } limit ? weights * own.ge(tensor(-limit, dtype: own.dtype, device: own.device)).to(own.dtype) : weights;
    });
}
