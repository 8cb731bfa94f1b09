using Reft.Numerics;
using Reft.Rollouts;

namespace Reft.Algorithms;

/// <summary>
/// What a step's losses aim at: shaped rewards, advantages, returns. It is a function of the rollouts, the old values, the
/// reference's log-probabilities, the options and β alone, so that a stored step can be worked out again without a model.
/// </summary>
internal static class PpoTargets
{
    /// <summary>Whether the policy loss leaves a rollout out.</summary>
    public static bool LeavesOut(PpoOptions options, ScoredRollout rollout) =>
        options.Truncation == TruncationPolicy.LeaveOut && rollout.IsTruncated;

    /// <summary>Which tokens of a sequence count in the loss.</summary>
    public static bool[] Counting(Trajectory trajectory) =>
        trajectory.LeftOut ? new bool[trajectory.Sampled.Length] : trajectory.Sampled;

    /// <summary>Sets the rewards, advantages and returns of a step's trajectories.</summary>
    /// <param name="trajectories">The step's, with old log-probabilities, the reference's and old values.</param>
    /// <param name="options">The options.</param>
    /// <param name="klCoefficient">β of this step.</param>
    /// <param name="metrics">Gets the figures.</param>
    /// <returns>The mean KL of a sequence.</returns>
    public static double Set(
        IReadOnlyList<Trajectory> trajectories, PpoOptions options, double klCoefficient, StepMetrics metrics)
    {
        var sequenceKl = ShapeRewards(trajectories, options, klCoefficient, metrics);
        EstimateAdvantages(trajectories, options, metrics);
        return sequenceKl;
    }

    /// <summary><c>r_t = -β k1_t</c>, plus the terminal reward at the last action; gives the mean KL of a sequence.</summary>
    private static double ShapeRewards(
        IReadOnlyList<Trajectory> trajectories, PpoOptions options, double klCoefficient, StepMetrics metrics)
    {
        var sequenceKl = new double[trajectories.Count];
        for (var b = 0; b < trajectories.Count; b++)
        {
            var trajectory = trajectories[b];
            var rewards = new double[trajectory.Sampled.Length];
            for (var t = 0; t < rewards.Length; t++)
            {
                if (trajectory.Sampled[t])
                {
                    var (own, reference) = (trajectory.OldLogProbs[t], trajectory.ReferenceLogProbs[t]);
                    var k1 = KullbackLeibler.K1(own, reference);
                    rewards[t] = -klCoefficient * k1;
                    sequenceKl[b] += k1;
                    metrics.Add("kl/k1_token", k1, 1);
                    metrics.Add("kl/k3_token", KullbackLeibler.K3(own, reference), 1);
                }
            }

            var last = Array.LastIndexOf(trajectory.Sampled, true);
            var terminal = Terminal(options, trajectory.Rollout);
            metrics.Add("reward/terminal", terminal, 1);
            metrics.Add("reward/kl", -klCoefficient * sequenceKl[b], 1);
            metrics.Add("reward/total", terminal - (klCoefficient * sequenceKl[b]), 1);
            rewards[last] += terminal;
            trajectory.Rewards = rewards;
        }

        metrics.Set("reward/terminal_std", Deviation([.. trajectories.Select(t => Terminal(options, t.Rollout))]));
        metrics.Set("kl/k1_sequence", sequenceKl.Average());
        metrics.Set("kl/k1_sequence_se", Deviation(sequenceKl) / Math.Sqrt(sequenceKl.Length));
        metrics.Set("kl/coefficient", klCoefficient);
        return sequenceKl.Average();
    }

    private static double Deviation(double[] values) =>
        Math.Sqrt(Masked.Variance([values], [[.. values.Select(_ => true)]]));

    private static double Terminal(PpoOptions options, ScoredRollout rollout) =>
        options.Truncation == TruncationPolicy.FixedPenalty && rollout.IsTruncated
            ? options.TruncationReward
            : rollout.Reward;

    private static void EstimateAdvantages(
        IReadOnlyList<Trajectory> trajectories, PpoOptions options, StepMetrics metrics)
    {
        var estimates = trajectories.Select(t => Advantages.Generalized(
            t.Rewards, [.. t.OldValues.Select(v => (double)v)], t.Sampled, options.Discount, options.Lambda)).ToArray();
        var masks = trajectories.Select(Counting).ToArray();
        var raw = estimates.Select(e => e.Values).ToArray();
        var returns = estimates.Select(e => e.Returns).ToArray();
        metrics.Set("advantage/mean", Masked.Mean(raw, masks));
        metrics.Set("advantage/std", Math.Sqrt(Masked.Variance(raw, masks)));
        var counted = raw.Zip(masks, (row, mask) => row.Where((_, t) => mask[t])).SelectMany(row => row)
            .DefaultIfEmpty(double.NaN).ToArray();
        metrics.Set("advantage/min", counted.Min());
        metrics.Set("advantage/max", counted.Max());
        metrics.Set("value/return_mean", Masked.Mean(returns, masks));
        metrics.Set("value/explained_variance", ExplainedVariance(raw, returns, masks));
        var final = options.WhitensAdvantages ? Masked.Whiten(raw, masks) : raw;
        for (var b = 0; b < trajectories.Count; b++)
        {
            trajectories[b].Advantages = [.. final[b].Select(a => (float)a)];
            trajectories[b].Returns = [.. returns[b].Select(r => (float)r)];
        }
    }

    /// <summary><c>1 - Var(R - V)/Var(R)</c>; R - V are the advantages before whitening.</summary>
    private static double ExplainedVariance(double[][] raw, double[][] returns, bool[][] masks)
    {
        var variance = Masked.Variance(returns, masks);
        return variance > 0 ? 1 - (Masked.Variance(raw, masks) / variance) : double.NaN;
    }
}
