using static TorchSharp.torch;

namespace Reft.Algorithms.Terms;

/// <summary>
/// The clipped surrogate with one ratio a sequence, the geometric mean of its tokens': <c>s = exp(mean_t log ρ_t)</c>
/// (GSPO, <see href="https://arxiv.org/abs/2507.18071"/>, equations 5 to 7). Every token of a sequence has the same loss.
/// </summary>
/// <param name="low">The lower clip range, in (0, 1).</param>
/// <param name="high">The upper clip range, above 0.</param>
public sealed class SequenceSurrogate(double low, double high) : ILossTerm
{
    /// <inheritdoc/>
    public IReadOnlyList<Formula> Formulas { get; } =
    [
        new(
            "one ratio a sequence, exp(mean_t log ρ_t), in the clipped surrogate", "Algorithms/PolicyLosses: SequenceRatio", "Zheng 2025, equation 7") { Departure = "the mean is kept in ±20" },
    ];

    /// <inheritdoc/>
    public string Name => "policy";

    /// <inheritdoc/>
    public IReadOnlyList<Metric> Metrics => [PolicyLosses.Clipping];

    /// <inheritdoc/>
    public Tensor Losses(LossInputs inputs) => PolicyLosses.ClippedSurrogate(
        PolicyLosses.SequenceRatio(inputs), inputs.Columns.Column(t => t.Advantages), low, high);

    /// <inheritdoc/>
    public void Measure(LossInputs inputs, Tensor counts, StepMetrics metrics) =>
        PolicyLosses.MeasureClipping(PolicyLosses.SequenceRatio(inputs), counts, low, high, metrics);
}
