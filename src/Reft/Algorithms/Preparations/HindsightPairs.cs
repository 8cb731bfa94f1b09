using Reft.Models;
using Reft.Rollouts;

namespace Reft.Algorithms.Preparations;

/// <summary>
/// What hindsight relabelling learns of a sample y under the instruction c⁺ that it followed and the other one, c⁻
/// (<see href="https://arxiv.org/abs/2302.05206"/>, section 4.2 and the authors' program): <c>-(1-s) log π(y|c⁺)</c> as a mean over tokens and the
/// contrast <c>-w ((1-ε) log σ(d) + ε log σ(-d))</c> with <c>d = mean log π(y|c⁺) - mean log π(y|c⁻)</c>, which is <c>w log 2</c> where the
/// instruction is ignored. Its gradient is that of a log-likelihood with signed weights, which one pass of the policy gives before the first
/// micro-batch: a mini-batch may be split anyhow, but must hold both of a pair.
/// </summary>
/// <param name="smoothing">s, the share of label smoothing, whose other part is a term of its own, and ε of the contrast; in [0, 1).</param>
/// <param name="contrast">w, at least 0.</param>
/// <param name="evaluationTokens">Tokens that a forward pass without gradients takes at a time.</param>
internal sealed class HindsightPairs(double smoothing, double contrast, int evaluationTokens) : IPreparation, IWeighting
{
    /// <summary>The figures that it writes.</summary>
    public IReadOnlyList<Metric> Metrics { get; } =
    [
        new("hindsight/learned", "relabelled samples of a step"),
        new("hindsight/gap", "mean of d = mean log π(y|c⁺) - mean log π(y|c⁻)") { IsSometimes = true },
        new("loss/contrast", "mean of the contrast's loss") { IsSometimes = true },
    ];

    private Policy? _policy;
    private StepMetrics _metrics = new();

    /// <inheritdoc/>
    public IReadOnlyList<Formula> Formulas { get; } =
    [
        new(
            "-(1-s) log π(y|c⁺) - w ((1-ε) log σ(d) + ε log σ(-d)), d = mean log π(y|c⁺) - mean log π(y|c⁻)", "Algorithms/Preparations/HindsightPairs: Weigh", "Zhang 2023, section 4.2 and its program") { Departure = "the contrast as signed weights, from one pass before the first micro-batch" },
    ];

    /// <inheritdoc/>
    public IReadOnlyList<Trajectory> Prepare(IReadOnlyList<ScoredRollout> rollouts, Policy policy, StepMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(rollouts);
        (_policy, _metrics) = (policy, metrics);
        metrics.Set("hindsight/learned", rollouts.Count(IsFollowed));
        return [.. rollouts.Select(r => new Trajectory(r)
        {
            OldLogProbs = r.LogProbs,
            LeftOut = !IsFollowed(r) && (!IsIgnored(r) || contrast == 0),
            Returns = [.. r.Roles.Select(_ => IsFollowed(r) ? 1f : 0f)],
        })];
    }

    /// <summary>What was drawn: it is learned under other prompts alone.</summary>
    public IReadOnlyList<Trajectory> Again(IReadOnlyList<Trajectory> stored, double? klCoefficient, StepMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(stored);
        return [.. stored.Select(t => new Trajectory(t.Rollout)
        {
            OldLogProbs = t.OldLogProbs,
            LeftOut = true,
            Returns = new float[t.Rollout.ResponseLength],
        })];
    }

    /// <inheritdoc/>
    public float[][] Weigh(IReadOnlyList<Trajectory> miniBatch)
    {
        ArgumentNullException.ThrowIfNull(miniBatch);
        var ignored = miniBatch.Where(t => IsIgnored(t.Rollout)).ToDictionary(t => Name(t.Rollout), StringComparer.Ordinal);
        var followed = miniBatch.Where(t => IsFollowed(t.Rollout)).ToArray();
        foreach (var trajectory in followed)
        {
            trajectory.Advantages = Filled(trajectory, 1 - smoothing);
        }

        if (contrast > 0 && followed.Length > 0)
        {
            Contrast([.. followed.Select(t => (t, ignored[Name(t.Rollout)]))]);
        }

        return [.. miniBatch.Select(t => t.Counting.Select(counts => counts ? (float)(1.0 / followed.Length / t.Sampled.Length) : 0f).ToArray())];
    }

    /// <summary>Adds the contrast's part to the weights of pairs; both of each are in the mini-batch.</summary>
    private void Contrast((Trajectory Followed, Trajectory Ignored)[] pairs)
    {
        // Not null: a mini-batch comes after its step's preparation.
        var logs = PolicyEvaluation.LogProbs(
            _policy!, [.. pairs.SelectMany(pair => new[] { pair.Followed.Sequence, pair.Ignored.Sequence })], evaluationTokens);
        for (var i = 0; i < pairs.Length; i++)
        {
            var difference = Mean(logs[2 * i]) - Mean(logs[(2 * i) + 1]);
            var (follows, ignores) = (Sigmoid(difference), Sigmoid(-difference));
            var slope = contrast * (((1 - smoothing) * ignores) - (smoothing * follows));
            pairs[i].Followed.Advantages = Filled(pairs[i].Followed, 1 - smoothing + slope);
            pairs[i].Ignored.Advantages = Filled(pairs[i].Ignored, -slope);
            _metrics.Add("loss/contrast", -((1 - smoothing) * Math.Log(follows)) - (smoothing * Math.Log(ignores)), 1);
            _metrics.Add("hindsight/gap", difference, 1);
        }
    }

    private static bool IsFollowed(ScoredRollout rollout) => IsMade(rollout, HindsightRollouts.Followed);

    private static bool IsIgnored(ScoredRollout rollout) => IsMade(rollout, HindsightRollouts.Ignored);

    private static bool IsMade(ScoredRollout rollout, string mark) =>
        rollout.Verdict is null && rollout.SampleId.EndsWith(mark, StringComparison.Ordinal);

    private static string Name(ScoredRollout rollout) => rollout.SampleId[..^1];

    private static float[] Filled(Trajectory trajectory, double value) => [.. trajectory.Sampled.Select(_ => (float)value)];

    private static double Mean(float[] logs) => logs.Average(p => (double)p);

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}
