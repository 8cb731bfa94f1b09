using Reft.Models;
using Reft.Rollouts;

namespace Reft.Algorithms.Preparations;

/// <summary>
/// Reward-weighted likelihood of last attempts: the mean over a mini-batch's sequences of <c>w · mean_t -log π</c> over the tokens that were drawn
/// after the last feedback, with the weights that the source gave (RISE, <see href="https://arxiv.org/abs/2407.18219"/>, equation 4.3).
/// </summary>
internal sealed class WeighedTurns : IPreparation, IWeighting
{
    /// <summary>The figures that it writes.</summary>
    public IReadOnlyList<Metric> Metrics { get; } =
    [
        new("turn/learned", "sequences of a step that are learned"),
        .. Enumerable.Range(0, 10).SelectMany(turn => new[]
        {
            new Metric(FormattableString.Invariant($"turn/{turn}_count"), "attempts of that number") { IsSometimes = true },
            new Metric(FormattableString.Invariant($"turn/{turn}_correct"), "how many of them are right") { IsSometimes = true },
        }),
    ];

    /// <inheritdoc/>
    public IReadOnlyList<Trajectory> Prepare(IReadOnlyList<ScoredRollout> rollouts, Policy policy, StepMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(rollouts);
        ArgumentNullException.ThrowIfNull(metrics);
        metrics.Set("turn/learned", rollouts.Count(r => r.Weight != 0));
        foreach (var turn in rollouts.GroupBy(r => r.Turn).OrderBy(group => group.Key))
        {
            metrics.Set(FormattableString.Invariant($"turn/{turn.Key}_count"), turn.Count());
            metrics.Set(FormattableString.Invariant($"turn/{turn.Key}_correct"), turn.Count(r => IntrospectionRollouts.Worth(r) == 1));
        }

        return [.. rollouts.Select(r => new Trajectory(r) { OldLogProbs = r.LogProbs, LeftOut = r.Weight == 0, Learned = Last(r) })];
    }

    /// <inheritdoc/>
    public float[][] Weigh(IReadOnlyList<Trajectory> miniBatch)
    {
        ArgumentNullException.ThrowIfNull(miniBatch);
        var sequences = Math.Max(1, miniBatch.Count(t => !t.LeftOut));
        return [.. miniBatch.Select(t =>
        {
            var counting = t.Counting;
            var weight = t.Rollout.Weight / sequences / Math.Max(1, counting.Count(counts => counts));
            return counting.Select(counts => counts ? (float)weight : 0f).ToArray();
        })];
    }

    /// <summary>The tokens of the last attempt.</summary>
    private static bool[] Last(ScoredRollout rollout)
    {
        var feedback = Array.LastIndexOf(rollout.Roles, TokenRole.Feedback);
        return [.. rollout.Roles.Select((role, t) => role == TokenRole.Sampled && t > feedback)];
    }
}
