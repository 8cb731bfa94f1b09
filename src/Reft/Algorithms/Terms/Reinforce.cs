using static TorchSharp.torch;

namespace Reft.Algorithms.Terms;

/// <summary>REINFORCE, <c>-A log π(a_t|s_t)</c>: exact on the samples of the policy that is trained, before its first update.</summary>
public sealed class Reinforce : ILossTerm
{
    /// <inheritdoc/>
    public IReadOnlyList<Formula> Formulas { get; } =
    [
        new(
            "-A log π", "Algorithms/Terms/Reinforce: Losses", "Williams 1992"),
    ];

    /// <inheritdoc/>
    public string Name => "policy";

    /// <inheritdoc/>
    public Tensor Losses(LossInputs inputs) => WrappedTensorDisposeScope(
        () => -inputs.Columns.Column(t => t.Advantages) * inputs.Outputs.LogProbs);
}
