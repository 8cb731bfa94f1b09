namespace Reft.Algorithms;

/// <summary>Advantages and returns of one sequence's actions.</summary>
/// <param name="Values">Advantages A [T].</param>
/// <param name="Returns">Returns A + V [T], with the old values and before any whitening.</param>
public sealed record AdvantageEstimate(double[] Values, double[] Returns);

/// <summary>Generalised advantage estimation (<see href="https://arxiv.org/abs/1506.02438"/>, equations 11 to 16).</summary>
public static class Advantages
{
    /// <summary>
    /// <c>δ_t = r_t + γ V_{t+1} - V_t</c>, <c>A_t = δ_t + γλ A_{t+1}</c>. Steps that are no action (a hint, feedback) are
    /// skipped: exactly one γλ is paid for each action. After the last action the value is 0.
    /// </summary>
    /// <param name="rewards">Rewards r [T].</param>
    /// <param name="values">Old values V [T]: of the state before action t.</param>
    /// <param name="actions">Which steps are actions of the policy [T].</param>
    /// <param name="discount">γ in [0, 1].</param>
    /// <param name="lambda">λ in [0, 1].</param>
    /// <returns>Advantages and returns [T]; 0 at steps that are no action.</returns>
    public static AdvantageEstimate Generalized(
        ReadOnlySpan<double> rewards, ReadOnlySpan<double> values, ReadOnlySpan<bool> actions, double discount, double lambda)
    {
        var advantages = new double[rewards.Length];
        var returns = new double[rewards.Length];
        var nextValue = 0.0;
        var nextAdvantage = 0.0;
        for (var t = rewards.Length - 1; t >= 0; t--)
        {
            if (!actions[t])
            {
                continue;
            }

            var delta = rewards[t] + (discount * nextValue) - values[t];
            advantages[t] = delta + (discount * lambda * nextAdvantage);
            returns[t] = advantages[t] + values[t];
            nextValue = values[t];
            nextAdvantage = advantages[t];
        }

        return new AdvantageEstimate(advantages, returns);
    }
}
