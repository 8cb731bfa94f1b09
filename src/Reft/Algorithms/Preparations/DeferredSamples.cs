using System.Text.Json.Nodes;
using Reft.Models;
using Reft.Numerics;
using Reft.Rollouts;

namespace Reft.Algorithms.Preparations;

/// <summary>When samples are deferred. That they are, and come back every 100 steps, is the paper's; what the threshold adapts to is ours.</summary>
public sealed record DeferralOptions
{
    /// <summary>How many deviations above the mean of recent samples the threshold is, above 0; null for never. Ours.</summary>
    [Option("how many deviations above the mean of recent samples' KL a sample is not learned; absent for never; ours", Above = 0)]
    public double? Deviations { get; init => field = InRange.Of(this, value); } = 3;

    /// <summary>Steps whose samples are recent, this one among them, at least 1; ours.</summary>
    [Option("the steps whose samples are recent, this one among them; ours", AtLeast = 1)]
    public int Window { get; init => field = InRange.Of(this, value); } = 10;

    /// <summary>A KL in nats a token that is never too large, at least 0; ours.</summary>
    [Option("a KL in nats a token that is never too large; ours", AtLeast = 0)]
    public double Least { get; init => field = InRange.Of(this, value); } = 0.01;

    /// <summary>Steps between returns, at least 1; the paper's.</summary>
    [Option("the steps between returns", AtLeast = 1)]
    public int ReturnSteps { get; init => field = InRange.Of(this, value); } = 100;

    /// <summary>The most samples that wait, the latest ones, at least 1; ours.</summary>
    [Option("the most samples that wait, the latest ones; ours", AtLeast = 1)]
    public int Capacity { get; init => field = InRange.Of(this, value); } = 512;
}

/// <summary>
/// Memory-guided stabilisation of the KL (TACO, <see href="https://arxiv.org/abs/2505.20777"/>): a sample whose KL to the reference, as the mean over its tokens of k3, is
/// above an adaptive threshold is not learned but kept; every so many steps what is kept is asked again, and learned with the advantage that it had where the
/// policy of then is within the threshold. What waits is part of a checkpoint.
/// </summary>
/// <param name="inner">Makes the trajectories of a step, with a reference.</param>
/// <param name="options">When.</param>
/// <param name="reference">The reference's log-probabilities of responses [B][T].</param>
/// <param name="evaluationTokens">Tokens that a forward pass without gradients takes at a time.</param>
internal sealed class DeferredSamples(
    IPreparation inner, DeferralOptions options, Func<IReadOnlyList<PolicySequence>, float[][]> reference, int evaluationTokens) : IPreparation
{
    private readonly List<Waiting> _waiting = [];
    private readonly List<Recent> _recent = [];

    private sealed record Waiting(string Sample, string Problem, long Step, int[] Tokens, int PromptLength, TokenRole[] Roles, float Advantage);

    private sealed record Recent(double Count, double Sum, double Squares);

    /// <inheritdoc/>
    public IReadOnlyList<Formula> Formulas =>
    [
        .. inner.Formulas,
        new("learned later where mean_t k3 > mean + c · deviation of recent samples", "Algorithms/Preparations/DeferredSamples: Threshold", "arXiv 2505.20777")
        {
            Departure = "c, the window and the least threshold are ours",
        },
    ];

    /// <inheritdoc/>
    public IReadOnlyList<Metric> Metrics =>
    [
        .. inner.Metrics,
        new("defer/kl_max", "the greatest mean k3 of a step's samples"), new("defer/threshold", "the KL above which samples are deferred") { IsSometimes = true },
        new("defer/deferred", "samples of the step that are not learned for now"), new("defer/waiting", "samples that wait after the step"),
        new("defer/returned", "samples that waited and are learned in the step"),
    ];

    /// <inheritdoc/>
    public IReadOnlyList<Trajectory> Prepare(IReadOnlyList<ScoredRollout> rollouts, Policy policy, StepMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(rollouts);
        var rows = inner.Prepare(rollouts, policy, metrics);
        var distances = rows.Select(Distance).ToArray();
        var threshold = Threshold(distances);
        var step = rollouts[0].PolicyStep;
        var returned = step > 0 && step % options.ReturnSteps == 0 ? Return(policy, step, threshold) : [];
        var deferred = rows.Where((row, b) => !row.LeftOut && distances[b] > threshold).ToHashSet();
        _waiting.AddRange(rows.Where(deferred.Contains).Select(row => new Waiting(
            row.Rollout.SampleId, row.Rollout.Problem.Id, step, row.Rollout.Tokens, row.Rollout.PromptLength, row.Rollout.Roles,
            row.Advantages[Array.LastIndexOf(row.Sampled, true)])));
        _waiting.RemoveRange(0, Math.Max(0, _waiting.Count - options.Capacity));
        metrics.Set("defer/kl_max", distances.Max());
        if (double.IsFinite(threshold))
        {
            metrics.Set("defer/threshold", threshold);
        }

        metrics.Set("defer/deferred", deferred.Count);
        metrics.Set("defer/returned", returned.Count);
        metrics.Set("defer/waiting", _waiting.Count);
        return [.. rows.Select(row => deferred.Contains(row) ? LeftOut(row) : row), .. returned];
    }

    /// <inheritdoc/>
    public JsonObject Save() => new()
    {
        ["inner"] = inner.Save(),
        ["recent"] = new JsonArray([.. _recent.Select(one => (JsonNode)new JsonArray(Number(one.Count), Number(one.Sum), Number(one.Squares)))]),
        ["waiting"] = new JsonArray([.. _waiting.Select(one => (JsonNode)new JsonObject
        {
            ["sample"] = one.Sample,
            ["problem"] = one.Problem,
            ["step"] = one.Step,
            ["promptLength"] = one.PromptLength,
            ["advantage"] = Number(one.Advantage),
            ["roles"] = new JsonArray([.. one.Roles.Select(role => (JsonNode)(int)role)]),
            ["ids"] = new JsonArray([.. one.Tokens.Select(id => (JsonNode)id)]),
        })]),
    };

    /// <inheritdoc/>
    public void Restore(JsonObject state)
    {
        ArgumentNullException.ThrowIfNull(state);
        try
        {
            inner.Restore(state["inner"]!.AsObject());
            _recent.Clear();
            _recent.AddRange(state["recent"]!.AsArray().Select(one =>
                new Recent(one![0]!.GetValue<double>(), one[1]!.GetValue<double>(), one[2]!.GetValue<double>())));
            _waiting.Clear();
            _waiting.AddRange(state["waiting"]!.AsArray().Select(one => new Waiting(
                one!["sample"]!.GetValue<string>(), one["problem"]!.GetValue<string>(), one["step"]!.GetValue<long>(),
                [.. one["ids"]!.AsArray().Select(id => id!.GetValue<int>())], one["promptLength"]!.GetValue<int>(),
                [.. one["roles"]!.AsArray().Select(role => (TokenRole)role!.GetValue<int>())], (float)one["advantage"]!.GetValue<double>())));
        }
        catch (Exception error) when (error is NullReferenceException or InvalidOperationException or FormatException or ArgumentOutOfRangeException)
        {
            throw new InputException($"the algorithm's state is not that of deferred samples: {OneLine.Of(error.Message)}", error);
        }
    }

    /// <summary>The mean over sampled tokens of k3, in nats.</summary>
    internal static double Distance(Trajectory row) => Enumerable.Range(0, row.Sampled.Length).Where(t => row.Sampled[t])
        .Average(t => KullbackLeibler.K3(row.OldLogProbs[t], row.ReferenceLogProbs[t]));

    /// <summary>Takes a step's distances in, and gives mean + deviations × deviation of all recent ones, with n.</summary>
    internal double Threshold(double[] distances)
    {
        _recent.Add(new Recent(distances.Length, distances.Sum(), distances.Sum(d => d * d)));
        _recent.RemoveRange(0, Math.Max(0, _recent.Count - options.Window));
        if (options.Deviations is not { } deviations)
        {
            return double.PositiveInfinity;
        }

        var count = _recent.Sum(one => one.Count);
        var mean = _recent.Sum(one => one.Sum) / count;
        var variance = Math.Max(0, (_recent.Sum(one => one.Squares) / count) - (mean * mean));
        return Math.Max(options.Least, mean + (deviations * Math.Sqrt(variance)));
    }

    /// <summary>What waited and is near enough now, as the policy and the reference see it today; it waits no longer.</summary>
    private List<Trajectory> Return(Policy policy, long step, double threshold)
    {
        var sequences = _waiting.Select(one => new PolicySequence(one.Tokens, one.PromptLength)).ToArray();
        if (sequences.Length == 0)
        {
            return [];
        }

        var (own, references) = (PolicyEvaluation.LogProbs(policy, sequences, evaluationTokens), reference(sequences));
        var rows = _waiting.Select((one, b) => Row(one, own[b], references[b], step)).ToArray();
        var near = rows.Select(row => Distance(row) <= threshold).ToArray();
        var later = _waiting.Where((_, b) => !near[b]).ToArray();
        _waiting.Clear();
        _waiting.AddRange(later);
        return [.. rows.Where((_, b) => near[b])];
    }

    private static Trajectory Row(Waiting one, float[] own, float[] references, long step)
    {
        var rollout = new ScoredRollout
        {
            SampleId = FormattableString.Invariant($"{one.Sample}@{one.Step}"),
            Problem = new(one.Problem, "", ""),
            Tokens = one.Tokens,
            PromptLength = one.PromptLength,
            Roles = one.Roles,
            PolicyStep = step,
        };
        return new Trajectory(rollout)
        {
            OldLogProbs = own,
            ReferenceLogProbs = references,
            Advantages = [.. rollout.Sampled.Select(sampled => sampled ? one.Advantage : 0)],
        };
    }

    private static Trajectory LeftOut(Trajectory row) => new(row.Rollout)
    {
        OldLogProbs = row.OldLogProbs,
        ReferenceLogProbs = row.ReferenceLogProbs,
        OldValues = row.OldValues,
        Rewards = row.Rewards,
        Advantages = row.Advantages,
        Returns = row.Returns,
        LeftOut = true,
    };

    private static JsonNode Number(double value) => JsonNode.Parse(ExactText.Of(value))!; // A number is a node.
}
