using Reft.Numerics;
using Reft.Rollouts;

namespace Reft.Algorithms.Preparations;

/// <summary>
/// What a long response loses, softly: nothing up to <c>limit - buffer</c> tokens, then evenly more, and 1 at the limit
/// (DAPO, <see href="https://arxiv.org/abs/2503.14476"/>, equation 13).
/// </summary>
/// <param name="Limit">The most tokens of a response, L_max.</param>
/// <param name="Buffer">Over how many of them the penalty grows, L_cache, at least 1.</param>
public sealed record LengthPenalty(int Limit, int Buffer)
{
    /// <summary>The formula.</summary>
    internal static Formula Formula { get; } = new(
        "long responses lose nothing up to L_max - L_cache tokens, then evenly more, 1 at L_max", "Algorithms/Preparations/RewardShaping: LengthPenalty",
        "Yu 2025, equation 13");

    /// <summary>The penalty of a response, in [-1, 0].</summary>
    /// <param name="tokens">How many tokens the policy drew.</param>
    public double Of(int tokens) => Math.Clamp((double)(Limit - Buffer - tokens) / Buffer, -1, 0);
}

/// <summary>
/// Rewards of single tokens: <c>r_t = -β k1_t</c> of the sampled tokens, and the terminal reward at the last of them. β is 0 where
/// there is no penalty in the reward.
/// </summary>
internal sealed record RewardShaping
{
    /// <summary>What truncated sequences get.</summary>
    public TruncationPolicy Truncation { get; init; }

    /// <summary>The reward under <see cref="TruncationPolicy.FixedPenalty"/>.</summary>
    public double TruncationReward { get; init; }

    /// <summary>The penalty of long responses; null for none.</summary>
    public LengthPenalty? Length { get; init; }

    /// <summary>Spreads the terminal reward over the tokens; null for all of it at the last.</summary>
    public Credit? Credit { get; init; }

    /// <summary>The figures that it writes.</summary>
    /// <param name="hasReference">Whether there is a reference.</param>
    /// <param name="penalises">Whether the reward holds a KL penalty.</param>
    internal static IEnumerable<Metric> Metrics(bool hasReference, bool penalises)
    {
        IEnumerable<Metric> always =
        [
            new("reward/terminal", "mean reward after the truncation policy"),
            new("reward/terminal_std", "its standard deviation over sequences, with n-1: 0 says that there is nothing to learn from"),
        ];
        IEnumerable<Metric> distance =
        [
            new("kl/k1_token", "mean over tokens of d = log π_old - log π_ref"), new("kl/k3_token", "mean over tokens of e^-d - 1 + d"),
            new("kl/k1_sequence", "mean over sequences of Σ_t k1"), new("kl/k1_sequence_se", "its standard error"),
        ];
        IEnumerable<Metric> penalty = [new("reward/kl", "mean over sequences of -β Σ_t k1"), new("reward/total", "terminal + kl")];
        return always.Concat(hasReference ? distance : []).Concat(penalises ? penalty : []);
    }

    /// <summary>The formulas that it computes.</summary>
    /// <param name="penalises">Whether the reward holds a KL penalty.</param>
    internal IEnumerable<Formula> Formulas(bool penalises)
    {
        const string Place = "Algorithms/Preparations/RewardShaping: Shape";
        yield return penalises
            ? new("r_t = -β (log π_old - log π_ref), terminal reward on the last sampled token", Place, "paper, section 3.2; program")
            : new("terminal reward on the last sampled token", Place, "paper, section 3.2; program");
        if (Length is not null)
        {
            yield return LengthPenalty.Formula;
        }

        if (Credit is not null)
        {
            yield return new("r_t = β a_t R + (1 - β) R [t is the last], Σ_t a_t = 1", "Algorithms/Preparations/Credit: Normalised", "Chan 2024, section 3")
            {
                Departure = "attention to tokens that the policy did not draw is left out, and the rest made to sum to 1",
            };
        }
    }

    /// <summary>Whether the policy loss leaves a rollout out.</summary>
    public bool LeavesOut(ScoredRollout rollout)
    {
        ArgumentNullException.ThrowIfNull(rollout);
        return Truncation == TruncationPolicy.LeaveOut && rollout.IsTruncated;
    }

    /// <summary>Sets the rewards of a step's trajectories.</summary>
    /// <param name="trajectories">The step's, with old log-probabilities and those of the reference, if there is one.</param>
    /// <param name="klCoefficient">β in the reward; null for no penalty there.</param>
    /// <param name="metrics">Gets the figures.</param>
    /// <returns>The mean KL of a sequence; 0 without a reference.</returns>
    internal double Shape(IReadOnlyList<Trajectory> trajectories, double? klCoefficient, StepMetrics metrics)
    {
        var beta = klCoefficient ?? 0;
        var credit = Credit is { Share: > 0 } ? Credit.Weigh(trajectories) : null;
        var sequenceKl = new double[trajectories.Count];
        for (var b = 0; b < trajectories.Count; b++)
        {
            var trajectory = trajectories[b];
            var rewards = new double[trajectory.Sampled.Length];
            for (var t = 0; t < rewards.Length && trajectory.ReferenceLogProbs.Length > 0; t++)
            {
                if (trajectory.Sampled[t])
                {
                    var (own, reference) = (trajectory.OldLogProbs[t], trajectory.ReferenceLogProbs[t]);
                    var k1 = KullbackLeibler.K1(own, reference);
                    rewards[t] = -beta * k1;
                    sequenceKl[b] += k1;
                    metrics.Add("kl/k1_token", k1, 1);
                    metrics.Add("kl/k3_token", KullbackLeibler.K3(own, reference), 1);
                }
            }

            var last = Array.LastIndexOf(trajectory.Sampled, true);
            var terminal = Terminal(trajectory.Rollout);
            metrics.Add("reward/terminal", terminal, 1);
            if (klCoefficient is not null)
            {
                metrics.Add("reward/kl", -beta * sequenceKl[b], 1);
                metrics.Add("reward/total", terminal - (beta * sequenceKl[b]), 1);
            }

            var share = credit is null ? 0 : Credit!.Share; // There is one, since it weighed them.
            for (var t = 0; t < rewards.Length && share > 0; t++)
            {
                rewards[t] += share * credit![b][t] * terminal; // Not null: the share is of it.
            }

            rewards[last] += (1 - share) * terminal;
            trajectory.Rewards = rewards;
        }

        metrics.Set("reward/terminal_std", Deviation([.. trajectories.Select(t => Terminal(t.Rollout))]));
        if (trajectories.Any(t => t.ReferenceLogProbs.Length > 0))
        {
            metrics.Set("kl/k1_sequence", sequenceKl.Average());
            metrics.Set("kl/k1_sequence_se", Deviation(sequenceKl) / Math.Sqrt(sequenceKl.Length));
        }

        return sequenceKl.Average();
    }

    private static double Deviation(double[] values) =>
        Math.Sqrt(Masked.Variance([values], [[.. values.Select(_ => true)]]));

    private double Terminal(ScoredRollout rollout)
    {
        var reward = Truncation == TruncationPolicy.FixedPenalty && rollout.IsTruncated ? TruncationReward : rollout.Reward;
        return Length is null ? reward : reward + Length.Of(rollout.Sampled.Count(s => s));
    }
}
