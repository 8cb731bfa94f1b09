using Reft.Models;
using static TorchSharp.torch;

namespace Reft.Algorithms.Terms;

/// <summary>A loss of whole distributions, on tokens whose <see cref="Trajectory.Returns"/> is not 0, times that number.</summary>
/// <param name="name">Its name in metrics.</param>
/// <param name="coefficient">What it is multiplied by; at 0 nothing is computed.</param>
/// <param name="of">The loss of every state [M], of log-probabilities [M, V].</param>
internal sealed class DistributionTerm(string name, double coefficient, Func<Tensor, Tensor> of) : ILossTerm
{
    /// <summary>Label smoothing's part, <c>-1/V Σ_v log π(v|s)</c>: how far the state's distribution is from the uniform one.</summary>
    public static DistributionTerm Smoothing(double coefficient) => new("smoothing", coefficient, logs => -logs.mean([1]));

    /// <summary>The entropy to keep, as a loss: <c>Σ_v π(v|s) log π(v|s)</c>.</summary>
    public static DistributionTerm NegativeEntropy(double coefficient) => new("negative_entropy", coefficient, logs => (logs.exp() * logs).sum([1]));

    /// <inheritdoc/>
    public IReadOnlyList<Formula> Formulas { get; } =
    [
        new(
            "-1/V Σ_v log π(v|s), and Σ_v π(v|s) log π(v|s)", "Algorithms/Terms/DistributionTerms: Smoothing, NegativeEntropy", "Zhang 2023, section 4.2 and its program"),
    ];

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public double Coefficient => coefficient;

    /// <inheritdoc/>
    public long FirstStep => coefficient == 0 ? long.MaxValue : 0;

    /// <inheritdoc/>
    public PolicyQuestions Questions(long step) => coefficient == 0 ? PolicyQuestions.None : PolicyQuestions.Distribution;

    /// <inheritdoc/>
    public Tensor Losses(LossInputs inputs) => coefficient == 0
        ? zeros_like(inputs.Outputs.LogProbs)
        : WrappedTensorDisposeScope(() => inputs.Columns.Column(t => t.Returns) * of(inputs.Outputs.Distribution!)); // It was asked for.
}
