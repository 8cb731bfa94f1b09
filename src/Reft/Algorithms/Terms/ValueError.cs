using Reft.Models;
using static TorchSharp.torch;

namespace Reft.Algorithms.Terms;

/// <summary>The squared error of the values, clipped round the old ones (<see cref="PolicyLosses.ClippedValue"/>).</summary>
/// <param name="clip">The clip range; null for none.</param>
/// <param name="coefficient">α.</param>
/// <param name="warmupSteps">First steps in which the policy's trunk learns nothing from it.</param>
internal sealed class ValueError(double? clip, double coefficient, long warmupSteps) : ILossTerm
{
    /// <inheritdoc/>
    public IReadOnlyList<Formula> Formulas { get; } =
    [
        new(
            "½ max((V-R)², (clip(V, V_old±ε)-R)²), times α beside the policy's loss", "Algorithms/PolicyLosses: ClippedValue", "paper, section 3.2; program") { Departure = "clipping can be turned off" },
    ];

    /// <inheritdoc/>
    public string Name => "value";

    /// <inheritdoc/>
    public IReadOnlyList<Metric> Metrics { get; } = [new("value/mean", "mean of V") { Chart = new("Values and advantages", "Values") { Label = "values" } }];

    /// <inheritdoc/>
    public double Coefficient => coefficient;

    /// <inheritdoc/>
    public PolicyQuestions Questions(long step) =>
        step < warmupSteps ? PolicyQuestions.DetachedValues : PolicyQuestions.Values;

    /// <inheritdoc/>
    public Tensor Losses(LossInputs inputs) => PolicyLosses.ClippedValue(
        Values(inputs), inputs.Columns.Column(t => t.OldValues), inputs.Columns.Column(t => t.Returns), clip);

    /// <inheritdoc/>
    public void Measure(LossInputs inputs, Tensor counts, StepMetrics metrics)
    {
        var values = Values(inputs).masked_select(counts);
        metrics.Add("value/mean", values.mean().item<float>(), values.numel());
    }

    private static Tensor Values(LossInputs inputs) => inputs.Outputs.Values!; // They were asked for.
}
