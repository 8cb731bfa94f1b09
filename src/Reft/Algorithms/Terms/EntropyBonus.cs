using Reft.Models;
using Reft.Numerics;
using static TorchSharp.torch;

namespace Reft.Algorithms.Terms;

/// <summary>
/// Rewards the entropy H of the policy at the states that it came to: <c>-α H</c>. Its gradient is taken from the token that was drawn,
/// <c>∇H = -E[(log π(a) + H) ∇log π(a)]</c>, without learning through the factor: unbiased for the policy's own samples, and nothing where the
/// token was as likely as the average says. After a first update the factor is corrected by the ratio.
/// </summary>
/// <param name="coefficient">α, above 0.</param>
public sealed class EntropyBonus(double coefficient) : ILossTerm
{
    /// <inheritdoc/>
    public IReadOnlyList<Formula> Formulas { get; } =
    [
        new(
            "-α H, its gradient -α E[(log π(a) + H) ∇log π(a)] from the token that was drawn", "Algorithms/Terms/EntropyBonus: Losses", "Liu 2025, its program") { Departure = "programs differentiate the entropy of the whole distribution; here the token that was drawn says it, corrected by ρ after a first update" },
    ];

    /// <inheritdoc/>
    public string Name => "entropy";

    /// <inheritdoc/>
    public double Coefficient => coefficient;

    /// <inheritdoc/>
    public PolicyQuestions Questions(long step) => PolicyQuestions.Entropy;

    /// <summary>Losses [M] whose values are <c>-H</c> and whose gradients are those said above.</summary>
    public Tensor Losses(LossInputs inputs) => WrappedTensorDisposeScope(() =>
    {
        var (own, entropy) = (inputs.Outputs.LogProbs, inputs.Outputs.Entropy!); // It was asked for.
        var factor = own.detach().Plus(entropy) * PolicyLosses.Ratio(inputs).detach();
        return (own.Plus(own.detach().neg()) * factor).Plus(entropy.neg());
    });
}
