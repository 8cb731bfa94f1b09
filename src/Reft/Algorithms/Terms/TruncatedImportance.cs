using Reft.Numerics;
using static TorchSharp.torch;

namespace Reft.Algorithms.Terms;

/// <summary>
/// The log-likelihood, weighed by the advantage and by a ratio that is clipped and not learned through:
/// <c>-sg(clip(ρ, 1-ε, 1+ε')) A log π</c> (CISPO, <see href="https://arxiv.org/abs/2506.13585"/>, equations 4 and 5). No token loses its
/// gradient, as those beyond PPO's clip do.
/// </summary>
/// <param name="low">ε; 1 for no lower bound.</param>
/// <param name="high">ε', above 0.</param>
public sealed class TruncatedImportance(double low, double high) : ILossTerm
{
    /// <inheritdoc/>
    public IReadOnlyList<Formula> Formulas { get; } =
    [
        new(
            "-sg(clip(ρ, 1-ε, 1+ε')) A log π", "Algorithms/Terms/TruncatedImportance: Losses", "MiniMax 2025, equations 4 and 5"),
    ];

    /// <inheritdoc/>
    public string Name => "policy";

    /// <inheritdoc/>
    public IReadOnlyList<Metric> Metrics => [PolicyLosses.Clipping];

    /// <inheritdoc/>
    public Tensor Losses(LossInputs inputs) => WrappedTensorDisposeScope(() =>
    {
        var weights = PolicyLosses.Ratio(inputs).detach().Within(1 - low, 1 + high);
        return -(weights * inputs.Columns.Column(t => t.Advantages)) * inputs.Outputs.LogProbs;
    });

    /// <inheritdoc/>
    public void Measure(LossInputs inputs, Tensor counts, StepMetrics metrics) =>
        PolicyLosses.MeasureClipping(PolicyLosses.Ratio(inputs), counts, low, high, metrics);
}
