using Reft.Models;
using Reft.Numerics;
using Reft.Rollouts;

namespace Reft.Algorithms.Preparations;

/// <summary>Which pairs of a correct and a wrong sample are made, and how much of them is compared.</summary>
internal sealed record PairChoice
{
    /// <summary>The most pairs of a problem; null for as many as its samples give.</summary>
    public int? MostPerProblem { get; init; }

    /// <summary>The least share of a problem's samples that is correct, where it gives pairs; in [0, 1].</summary>
    public double AccuracyLow { get; init; }

    /// <summary>The largest such share, in [0, 1].</summary>
    public double AccuracyHigh { get; init; } = 1;

    /// <summary>How many of a response's first tokens are compared; null for all.</summary>
    public int? MostTokens { get; init; }

    /// <summary>Which tokens of a response are compared [T]; null for all that were drawn.</summary>
    internal bool[]? Learned(ScoredRollout rollout)
    {
        if (MostTokens is not { } most)
        {
            return null;
        }

        var drawn = 0;
        return [.. rollout.Sampled.Select(sampled => sampled && drawn++ < most)];
    }
}

/// <summary>
/// Direct preference optimisation (<see href="https://arxiv.org/abs/2305.18290"/>, equation 7) on pairs of a correct and a wrong sample of the
/// same problem: <c>L = -mean log σ(m)</c>, <c>m = β ((log π(y⁺) - log π_ref(y⁺)) - (log π(y⁻) - log π_ref(y⁻)))</c>. Its gradient is that of
/// a log-likelihood with signed weights, <c>∓β σ(-m)/pairs</c> a token, which are known before the first micro-batch: they are taken from one
/// pass of the policy as it then is. So a mini-batch may be split anyhow, but must hold both of a pair.
/// </summary>
/// <param name="beta">β, above 0.</param>
/// <param name="choice">Which pairs are made.</param>
/// <param name="reference">The reference's log-probabilities of responses [B][T].</param>
/// <param name="evaluationTokens">Tokens that a forward pass without gradients takes at a time.</param>
internal sealed class VerifiedPairs(
    double beta, PairChoice choice, Func<IReadOnlyList<PolicySequence>, float[][]> reference, int evaluationTokens) : IPreparation, IWeighting
{
    private readonly Dictionary<Trajectory, Trajectory> _wrongOf = [];
    private Func<IReadOnlyList<Trajectory>, float[][]>? _logProbs;
    private StepMetrics _metrics = new();

    /// <summary>The figures that it writes, as a preparation and as a weighting.</summary>
    public IReadOnlyList<Metric> Metrics { get; } =
    [
        new("dpo/pairs", "pairs of a step"), new("loss/dpo", "mean over pairs and updates of -log σ(m)"),
        new("dpo/margin", "mean over pairs and updates of m = β(Δ⁺ - Δ⁻)"), new("dpo/accuracy", "share of pairs and updates with m > 0"),
    ];

    /// <inheritdoc/>
    public IReadOnlyList<Formula> Formulas { get; } =
    [
        new(
            "-log σ(β(Δ⁺ - Δ⁻)) as signed weights of a log-likelihood", "Algorithms/Preparations/VerifiedPairs: Weigh", "Rafailov 2023, equation 7") { Departure = "one more pass without gradients, so that pairs may be split over micro-batches" },
    ];

    /// <inheritdoc/>
    public IReadOnlyList<Trajectory> Prepare(IReadOnlyList<ScoredRollout> rollouts, Policy policy, StepMetrics metrics)
    {
        _logProbs = all => PolicyEvaluation.LogProbs(policy, [.. all.Select(t => t.Sequence)], evaluationTokens);
        return Pair(rollouts, reference, metrics);
    }

    /// <inheritdoc/>
    public IReadOnlyList<Trajectory> Again(IReadOnlyList<Trajectory> stored, double? klCoefficient, StepMetrics metrics)
    {
        var references = stored.ToDictionary(t => t.Rollout.Tokens, t => t.ReferenceLogProbs);
        // Before the first update the policy is the one that drew them.
        _logProbs = all => [.. all.Select(t => t.OldLogProbs)];
        return Pair(
            [.. stored.Select(t => t.Rollout)], sequences => [.. sequences.Select(Stored)], metrics);

        float[] Stored(PolicySequence sequence) => references[sequence.Tokens] is { Length: > 0 } known
            ? known
            : throw new InputException("the setting makes pairs of samples whose reference log-probabilities are not stored, for they were in no pair");
    }

    private Trajectory[] Pair(
        IReadOnlyList<ScoredRollout> rollouts, Func<IReadOnlyList<PolicySequence>, float[][]> references, StepMetrics metrics)
    {
        _metrics = metrics;
        _wrongOf.Clear();
        var pairs = rollouts.GroupBy(r => r.Problem.Id, StringComparer.Ordinal).SelectMany(Pairs).ToArray();
        var paired = pairs.SelectMany(pair => new[] { pair.Correct, pair.Wrong }).ToArray();
        var known = paired.Length == 0 ? [] : references([.. paired.Select(r => new PolicySequence(r.Tokens, r.PromptLength))]);
        var learned = paired
            .Select((r, i) => new Trajectory(r) { OldLogProbs = r.LogProbs, ReferenceLogProbs = known[i], Learned = choice.Learned(r) })
            .ToDictionary(t => t.Rollout.SampleId, StringComparer.Ordinal);
        foreach (var (correct, wrong) in pairs)
        {
            _wrongOf[learned[correct.SampleId]] = learned[wrong.SampleId];
        }

        metrics.Set("dpo/pairs", pairs.Length);
        return [.. rollouts.Select(r => learned.GetValueOrDefault(r.SampleId) ?? new Trajectory(r) { OldLogProbs = r.LogProbs, LeftOut = true })];
    }

    /// <inheritdoc/>
    public float[][] Weigh(IReadOnlyList<Trajectory> miniBatch)
    {
        var chosen = miniBatch.Where(_wrongOf.ContainsKey).ToArray();
        Trajectory[] both = [.. chosen.SelectMany(t => new[] { t, _wrongOf[t] })];
        // Not null: a mini-batch comes after its step's preparation.
        var own = both.Length == 0 ? [] : _logProbs!(both);
        var weights = new Dictionary<Trajectory, double>();
        for (var i = 0; i < chosen.Length; i++)
        {
            var wrong = _wrongOf[chosen[i]];
            var margin = beta * (LogRatio(chosen[i], own[2 * i]) - LogRatio(wrong, own[(2 * i) + 1]));
            var slope = Math.Max(float.Epsilon, beta / (1 + Math.Exp(margin)) / chosen.Length); // Never 0: both count.
            (weights[chosen[i]], weights[wrong]) = (slope, -slope);
            _metrics.Add("loss/dpo", margin < 0 ? Log1p(margin) - margin : Log1p(-margin), 1);
            _metrics.Add("dpo/margin", margin, 1);
            _metrics.Add("dpo/accuracy", margin > 0 ? 1 : 0, 1);
        }

        return [.. miniBatch.Select(t => t.Counting.Select(counts => counts ? (float)weights[t] : 0f).ToArray())];
    }

    /// <summary>The i-th correct sample with the i-th wrong one, as they were drawn.</summary>
    private IEnumerable<(ScoredRollout Correct, ScoredRollout Wrong)> Pairs(IGrouping<string, ScoredRollout> group) =>
        group.Average(r => r.Verdict is { IsCorrect: true } ? 1.0 : 0) is var accuracy
        && accuracy >= choice.AccuracyLow && accuracy <= choice.AccuracyHigh
            ? group
                .Where(r => r.Verdict is { IsCorrect: true })
                .Zip(group.Where(r => r.Verdict is { IsCorrect: false }))
                .Take(choice.MostPerProblem ?? int.MaxValue)
            : [];

    private static double LogRatio(Trajectory trajectory, float[] own)
    {
        var (sum, counts) = (0.0, trajectory.Counting);
        for (var t = 0; t < own.Length; t++)
        {
            sum += counts[t] ? KullbackLeibler.K1(own[t], trajectory.ReferenceLogProbs[t]) : 0;
        }

        return sum;
    }

    /// <summary><c>log(1 + eˣ)</c> of x up to 0.</summary>
    private static double Log1p(double x) => Math.Log(1 + Math.Exp(x));
}
