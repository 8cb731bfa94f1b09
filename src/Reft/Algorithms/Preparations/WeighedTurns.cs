using Reft.Models;
using Reft.Rollouts;

namespace Reft.Algorithms.Preparations;

/// <summary>
/// Reward-weighted likelihood of last attempts: the mean over a mini-batch's sequences of <c>w · mean_t -log π</c> over the tokens that were drawn
/// after the last feedback, with the weights that the source gave (RISE, <see href="https://arxiv.org/abs/2407.18219"/>, equation 4.3).
/// </summary>
/// <param name="again">The weights of attempts at a problem, one after another, as the source gives them; null where a step is never worked out again.</param>
/// <param name="allDrawn">Whether the policy made all attempts, so that figures of a step follow from what it drew.</param>
internal sealed class WeighedTurns(Func<IReadOnlyList<ScoredRollout>, IReadOnlyList<double>>? again = null, bool allDrawn = true) : IPreparation, IWeighting
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
    public IReadOnlyList<Formula> Formulas { get; } =
    [
        new(
            "exp(r/τ) · mean_t -log π of the last attempt, the mean over sequences", "Algorithms/Preparations/WeighedTurns: Weigh", "Qu 2024, equation 4.3"),
    ];

    /// <inheritdoc/>
    public IReadOnlyList<Trajectory> Prepare(IReadOnlyList<ScoredRollout> rollouts, Policy policy, StepMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(rollouts);
        ArgumentNullException.ThrowIfNull(metrics);
        return Made(rollouts, metrics);
    }

    /// <inheritdoc/>
    public IReadOnlyList<Trajectory>? Again(IReadOnlyList<Trajectory> stored, double? klCoefficient, StepMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(stored);
        if (again is null)
        {
            return null;
        }

        var (chains, made) = (new List<List<ScoredRollout>>(), new List<ScoredRollout>());
        foreach (var rollout in stored.Select(t => t.Rollout))
        {
            if (rollout.Turn <= 1)
            {
                chains.Add([]);
            }

            chains[^1].Add(rollout); // A run's first sequence is a first attempt.
        }

        made.AddRange(chains.SelectMany(chain => chain.Zip(again(chain), (rollout, weight) => rollout with { Weight = weight })));
        return Made(made, allDrawn ? metrics : new StepMetrics());
    }

    private static Trajectory[] Made(IReadOnlyList<ScoredRollout> rollouts, StepMetrics metrics)
    {
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
