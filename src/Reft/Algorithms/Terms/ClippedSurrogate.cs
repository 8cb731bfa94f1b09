using static TorchSharp.torch;

namespace Reft.Algorithms.Terms;

/// <summary>PPO's clipped surrogate of every token (<see cref="PolicyLosses.ClippedSurrogate"/>).</summary>
/// <param name="low">The lower clip range ε, in (0, 1).</param>
/// <param name="high">The upper clip range ε', above 0.</param>
public sealed class ClippedSurrogate(double low, double high) : ILossTerm
{
    /// <inheritdoc/>
    public IReadOnlyList<Formula> Formulas { get; } =
    [
        new(
            "max(-Aρ, -A clip(ρ, 1-ε, 1+ε')); with a dual clip c at most c|A|", "Algorithms/PolicyLosses: ClippedSurrogate", "Schulman 2017, equation 7; Ye 2020, equation 5; program") { Departure = "log ρ is kept in ±20" },
    ];

    /// <inheritdoc/>
    public string Name => "policy";

    /// <inheritdoc/>
    public IReadOnlyList<Metric> Metrics => [PolicyLosses.Clipping];

    /// <inheritdoc/>
    public long FirstStep { get; init; }

    /// <summary>c of the dual clip, above 1; null for none.</summary>
    public double? DualClip { get; init; }

    /// <inheritdoc/>
    public Tensor Losses(LossInputs inputs) => PolicyLosses.ClippedSurrogate(
        PolicyLosses.Ratio(inputs), inputs.Columns.Column(t => t.Advantages), low, high, DualClip);

    /// <inheritdoc/>
    public void Measure(LossInputs inputs, Tensor counts, StepMetrics metrics) =>
        PolicyLosses.MeasureClipping(PolicyLosses.Ratio(inputs), counts, low, high, metrics);
}
