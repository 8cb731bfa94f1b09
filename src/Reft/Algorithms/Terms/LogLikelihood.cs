using static TorchSharp.torch;

namespace Reft.Algorithms.Terms;

/// <summary>Cross-entropy <c>-log π(a_t|s_t)</c> on the tokens to imitate; the weights say which, and how much.</summary>
public sealed class LogLikelihood : ILossTerm
{
    /// <inheritdoc/>
    public IReadOnlyList<Formula> Formulas { get; } =
    [
        new(
            "L = -Σ w_t log π(a_t|s_t)", "Algorithms/Terms/LogLikelihood: Losses", "paper, equation 1") { Departure = "means are over the whole mini-batch, known before the first micro-batch; the program averages micro-batch means" },
    ];

    /// <inheritdoc/>
    public string Name => "nll";

    /// <inheritdoc/>
    public IReadOnlyList<Metric> Metrics { get; } = [new("loss/nll", "mean of -log π over the tokens to imitate")];

    /// <inheritdoc/>
    public Tensor Losses(LossInputs inputs) => -inputs.Outputs.LogProbs;

    /// <inheritdoc/>
    public void Measure(LossInputs inputs, Tensor counts, StepMetrics metrics)
    {
        var own = inputs.Outputs.LogProbs.masked_select(counts);
        metrics.Add("loss/nll", -own.mean().item<float>(), own.numel());
    }
}
