using static TorchSharp.torch;

namespace Reft.Algorithms.Terms;

/// <summary>Estimators of KL(π‖π_ref) from a sampled token, with d = log π - log π_ref.</summary>
public enum KlEstimator
{
    /// <summary>d. As a loss its gradient is 0 in the mean and says nothing: for rewards alone.</summary>
    K1,

    /// <summary>d²/2: on the policy's own samples its gradient is that of the KL.</summary>
    K2,

    /// <summary>e⁻ᵈ - 1 + d: never negative; on the policy's own samples its gradient is that of KL(π_ref‖π).</summary>
    K3,
}

/// <summary>A KL penalty inside the loss, token by token.</summary>
/// <param name="estimator">Which.</param>
/// <param name="coefficient">β.</param>
public sealed class KlPenalty(KlEstimator estimator, double coefficient) : ILossTerm
{
    /// <inheritdoc/>
    public IReadOnlyList<Formula> Formulas { get; } =
    [
        new(
            "k2 d²/2 and k3 e^-d - 1 + d in the loss, d = log π - log π_ref", "Algorithms/PolicyLosses: Divergence", "Shao 2024, equation 4; Schulman 2020") { Departure = "through expm1" },
    ];

    /// <inheritdoc/>
    public string Name => "kl";

    /// <inheritdoc/>
    public double Coefficient => coefficient;

    /// <inheritdoc/>
    public Tensor Losses(LossInputs inputs) => PolicyLosses.Divergence(
        inputs.Outputs.LogProbs, inputs.Columns.Column(t => t.ReferenceLogProbs), estimator);
}
