using static TorchSharp.torch;

namespace Reft.Algorithms.Terms;

/// <summary>PPO's clipped surrogate of every token (<see cref="PolicyLosses.ClippedSurrogate"/>).</summary>
/// <param name="low">The lower clip range ε, in (0, 1).</param>
/// <param name="high">The upper clip range ε', above 0.</param>
public sealed class ClippedSurrogate(double low, double high) : ILossTerm
{
    /// <inheritdoc/>
    public string Name => "policy";

    /// <inheritdoc/>
    public IReadOnlyList<Metric> Metrics => [PolicyLosses.Clipping];

    /// <inheritdoc/>
    public long FirstStep { get; init; }

    /// <inheritdoc/>
    public Tensor Losses(LossInputs inputs) => PolicyLosses.ClippedSurrogate(
        PolicyLosses.Ratio(inputs), inputs.Columns.Column(t => t.Advantages), low, high);

    /// <inheritdoc/>
    public void Measure(LossInputs inputs, Tensor counts, StepMetrics metrics) =>
        PolicyLosses.MeasureClipping(PolicyLosses.Ratio(inputs), counts, low, high, metrics);
}
