using System.Text.Json.Nodes;
using Reft.Algorithms.Advantages;
using Reft.Models;
using Reft.Numerics;
using Reft.Rollouts;

namespace Reft.Algorithms.Preparations;

/// <summary>
/// What policy gradients need of the policy's own samples: old values and the reference's log-probabilities, and from those
/// what the losses aim at, shaped rewards and advantages.
/// </summary>
/// <param name="advantages">How good actions were.</param>
internal sealed class PolicyPreparation(IAdvantageEstimator advantages) : IPreparation
{
    /// <summary>The reference's log-probabilities of responses [B][T]; null for no reference.</summary>
    public Func<IReadOnlyList<PolicySequence>, float[][]>? Reference { get; init; }

    /// <summary>The KL penalty inside the reward; null for none. Part of a checkpoint.</summary>
    public KlController? Kl { get; init; }

    /// <summary>What samples are worth.</summary>
    public RewardShaping Rewards { get; init; } = new();

    /// <summary>Whether problems whose samples are all worth the same get no loss: there is nothing to learn from them.</summary>
    public bool LeavesOutEqualGroups { get; init; }

    /// <summary>Whether advantages are whitened over all tokens of the step that count.</summary>
    public bool Whitens { get; init; }

    /// <summary>What the learning rate is multiplied by for the values' own parameters.</summary>
    public double ValueRateFactor { get; init; } = 1;

    /// <summary>Tokens that a forward pass without gradients takes at a time.</summary>
    public int EvaluationTokens { get; init; } = 8192;

    /// <inheritdoc/>
    public IReadOnlyList<Metric> Metrics =>
    [
        .. RewardShaping.Metrics(Reference is not null, Kl is not null),
        .. Kl is null ? Array.Empty<Metric>() : [new Metric("kl/coefficient", "β")],
        new("advantage/mean", "mean of the advantages before whitening"), new("advantage/std", "their deviation, with n-1"),
        new("advantage/min", "the least of them"), new("advantage/max", "the greatest of them"),
        .. advantages.Metrics,
    ];

    /// <inheritdoc/>
    public IReadOnlyList<Formula> Formulas =>
    [
        .. Rewards.Formulas(Kl is not null), .. Kl is null ? [] : KlController.Formulas, .. advantages.Formulas,
        new("A min(π/μ, C) where a server draws, μ: of each token, or of the sequence's product", "Rollouts/ImportanceWeights: OfTokens, OfSequence", "Ionides 2008; Yao 2025")
        {
            Departure = "log π/μ is kept in ±20; after whitening",
        },
        .. !Whitens ? Array.Empty<Formula>() :
        [
            new("whitening (A-μ)/√(σ²+1e-8) with n-1 over the rollout batch", "Numerics/Masked: Whiten", "program")
            {
                Departure = "fewer than two tokens: unchanged (the program divides by zero)",
            },
        ],
    ];

    /// <inheritdoc/>
    public IReadOnlyList<Trajectory> Prepare(IReadOnlyList<ScoredRollout> rollouts, Policy policy, StepMetrics metrics)
    {
        foreach (var parameter in policy.ValueParameters)
        {
            parameter.RateFactor = ValueRateFactor;
        }

        var sequences = rollouts.Select(r => new PolicySequence(r.Tokens, r.PromptLength)).ToArray();
        var values = advantages.NeedsValues ? PolicyEvaluation.Values(policy, sequences, EvaluationTokens) : null;
        var references = Reference?.Invoke(sequences);
        return Finish(
            [.. rollouts.Select((rollout, b) => (rollout, rollout.LogProbs, references?[b] ?? [], values?[b] ?? []))], Kl?.Coefficient, metrics);
    }

    /// <inheritdoc/>
    public IReadOnlyList<Trajectory> Again(IReadOnlyList<Trajectory> stored, double? klCoefficient, StepMetrics metrics)
    {
        if (Reference is not null && stored.Any(t => t.ReferenceLogProbs.Length == 0))
        {
            throw new InputException("the setting asks for a reference, but the run kept none: its log-probabilities are not stored");
        }

        return Finish(
            [.. stored.Select(t => (t.Rollout, t.OldLogProbs, Reference is null ? [] : t.ReferenceLogProbs, t.OldValues))],
            Kl is null ? null : klCoefficient ?? Kl.Coefficient, metrics);
    }

    private Trajectory[] Finish(
        (ScoredRollout Rollout, float[] LogProbs, float[] References, float[] Values)[] known, double? klCoefficient, StepMetrics metrics)
    {
        var equal = LeavesOutEqualGroups ? RolloutGroups.Equal([.. known.Select(one => one.Rollout)]) : [];
        var trajectories = known.Select(one => new Trajectory(one.Rollout)
        {
            OldLogProbs = one.LogProbs,
            ReferenceLogProbs = one.References,
            OldValues = one.Values,
            LeftOut = Rewards.LeavesOut(one.Rollout) || equal.Contains(one.Rollout.Problem.Id),
        }).ToArray();
        var sequenceKl = SetTargets(trajectories, klCoefficient, metrics);
        Kl?.Update(sequenceKl, trajectories.Length);
        return trajectories;
    }

    /// <summary>
    /// Sets the rewards, advantages and returns of a step's trajectories. They are a function of the rollouts, the old values, the
    /// reference's log-probabilities, the options and β alone, so that a stored step can be worked out again without a model.
    /// </summary>
    /// <param name="trajectories">The step's, with old log-probabilities, the reference's and old values.</param>
    /// <param name="klCoefficient">β in the reward, of this step; null for no penalty there.</param>
    /// <param name="metrics">Gets the figures.</param>
    /// <returns>The mean KL of a sequence; 0 without a reference.</returns>
    internal double SetTargets(IReadOnlyList<Trajectory> trajectories, double? klCoefficient, StepMetrics metrics)
    {
        var sequenceKl = Rewards.Shape(trajectories, klCoefficient, metrics);
        if (klCoefficient is { } coefficient)
        {
            metrics.Set("kl/coefficient", coefficient);
        }

        var estimates = advantages.Estimate(trajectories, metrics);
        var masks = trajectories.Select(t => t.Counting).ToArray();
        var raw = estimates.Select(e => e.Values).ToArray();
        Measure(raw, masks, metrics);
        var final = Whitens ? Masked.Whiten(raw, masks) : raw;
        for (var b = 0; b < trajectories.Count; b++)
        {
            var weights = trajectories[b].Rollout.ImportanceWeights;
            trajectories[b].Advantages = [.. final[b].Select((a, t) => (float)(weights.Length == 0 ? a : a * weights[t]))];
            trajectories[b].Returns = [.. estimates[b].Returns.Select(r => (float)r)];
        }

        return sequenceKl;
    }

    /// <inheritdoc/>
    public JsonObject Save() => Kl is null ? [] : new() { ["klCoefficient"] = Kl.Coefficient };

    /// <inheritdoc/>
    public void Restore(JsonObject state)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (Kl is not null)
        {
            Kl.Coefficient = state["klCoefficient"]?.GetValue<double>()
                ?? throw new InputException("the algorithm's state lacks klCoefficient");
        }
    }

    private static void Measure(double[][] raw, bool[][] masks, StepMetrics metrics)
    {
        metrics.Set("advantage/mean", Masked.Mean(raw, masks));
        metrics.Set("advantage/std", Math.Sqrt(Masked.Variance(raw, masks)));
        var counted = raw.Zip(masks, (row, mask) => row.Where((_, t) => mask[t])).SelectMany(row => row)
            .DefaultIfEmpty(double.NaN).ToArray();
        metrics.Set("advantage/min", counted.Min());
        metrics.Set("advantage/max", counted.Max());
    }
}
