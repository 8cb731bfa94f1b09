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
    public long FirstStep { get; init; }

    /// <inheritdoc/>
    public Tensor Losses(LossInputs inputs) => PolicyLosses.ClippedSurrogate(
        PolicyLosses.Ratio(inputs), inputs.Columns.Column(t => t.Advantages), low, high);

    /// <inheritdoc/>
    public void Measure(LossInputs inputs, Tensor counts, StepMetrics metrics)
    {
        var ratios = PolicyLosses.Ratio(inputs).masked_select(counts).cpu().data<float>().ToArray();
        metrics.Add("ppo/clip_fraction", ratios.Average(r => r < 1 - low || r > 1 + high ? 1.0 : 0), ratios.Length);
    }
}
