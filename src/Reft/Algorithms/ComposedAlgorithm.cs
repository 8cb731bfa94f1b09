using System.Text.Json.Nodes;
using Reft.Algorithms.Preparations;
using Reft.Algorithms.Terms;
using Reft.Models;
using Reft.Numerics;
using Reft.Rollouts;
using static TorchSharp.torch;

namespace Reft.Algorithms;

/// <summary>What an algorithm is put together from; every method is a choice of these.</summary>
public sealed record AlgorithmParts
{
    /// <summary>What rollouts are made into: trajectories with rewards and advantages, or those that are imitated.</summary>
    public required IPreparation Preparation { get; init; }

    /// <summary>How much every token counts.</summary>
    public required IWeighting Weighting { get; init; }

    /// <summary>The summands of the loss, at least one.</summary>
    public required IReadOnlyList<ILossTerm> Terms { get; init; }

    /// <summary>How often a step's rollouts are gone through, at least 1.</summary>
    public int Epochs { get; init; } = 1;

    /// <summary>Sequences of an optimizer step; 0 for all of the step's.</summary>
    public int MiniBatch { get; init; }

    /// <summary>Whether a mini-batch takes problems whole, and only sequences that are learned.</summary>
    public bool KeepsGroups { get; init; }

    /// <summary>How the ratio to the policy that drew the rollouts is watched; null where nobody drew them.</summary>
    public RatioOptions? Ratio { get; init; }
}

/// <summary>How the ratio ρ of the trained policy to the one that drew a step's rollouts is watched.</summary>
public sealed record RatioOptions
{
    /// <summary>
    /// How far the 99th percentile of |ρ - 1| may be from 0 before the first update; beyond it the run stops. null takes what
    /// rounding can do in the policy's dtype, layers and head.
    /// </summary>
    public double? FirstTolerance { get; init; }

    /// <summary>Leaves out the rest of a step once the mean of ½ (log ρ)² over a mini-batch exceeds this; null for never.</summary>
    public double? TargetApproximateKl { get; init; }
}

/// <summary>An algorithm as a choice of parts: <c>L = Σ_t w_t Σ_k c_k l_k(t)</c> over the terms k, some of which weigh tokens themselves.</summary>
public sealed class ComposedAlgorithm : IAlgorithm
{
    private readonly RatioMeter? _meter;
    private Func<Trajectory, float[]>?[] _own = [];

    /// <summary>Puts it together.</summary>
    /// <exception cref="ArgumentException">There is no term.</exception>
    public ComposedAlgorithm(AlgorithmParts parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        if (parts.Terms.Count == 0)
        {
            throw new ArgumentException("an algorithm needs a term of the loss", nameof(parts));
        }

        Parts = parts;
        _meter = parts.Ratio is null ? null : new RatioMeter(parts.Ratio.FirstTolerance);
    }

    /// <summary>What it is put together from.</summary>
    public AlgorithmParts Parts { get; }

    /// <inheritdoc/>
    public IReadOnlyList<Metric> Metrics =>
    [
        .. Parts.Preparation.Metrics, .. ReferenceEquals(Parts.Preparation, Parts.Weighting) ? [] : Parts.Weighting.Metrics,
        .. _meter is null ? [] : RatioMeter.Metrics.Concat(Parts.Terms.Select(term => RatioMeter.Loss(term.Name))),
        .. Parts.Terms.SelectMany(term => term.Metrics),
    ];

    /// <inheritdoc/>
    public IReadOnlyList<Formula> Formulas =>
    [
        .. Parts.Preparation.Formulas, .. ReferenceEquals(Parts.Preparation, Parts.Weighting) ? [] : Parts.Weighting.Formulas,
        .. Parts.Terms.SelectMany(term => term.Formulas),
    ];

    /// <inheritdoc/>
    public int Epochs => Parts.Epochs;

    /// <inheritdoc/>
    public int MiniBatch => Parts.MiniBatch;

    /// <inheritdoc/>
    public bool KeepsGroups => Parts.KeepsGroups;

    /// <inheritdoc/>
    public PolicyQuestions Questions(long step) => Parts.Terms.Aggregate(
        _meter is null ? PolicyQuestions.None : PolicyQuestions.Entropy, (all, term) => all | term.Questions(step));

    /// <inheritdoc/>
    public IReadOnlyList<Trajectory> Prepare(IReadOnlyList<ScoredRollout> rollouts, Policy policy, StepMetrics metrics)
    {
        var trajectories = Parts.Preparation.Prepare(rollouts, policy, metrics);
        _meter?.StartStep(policy);
        return trajectories;
    }

    /// <inheritdoc/>
    public float[][] Weigh(IReadOnlyList<Trajectory> miniBatch)
    {
        var weights = Parts.Weighting.Weigh(miniBatch);
        _own = [.. Parts.Terms.Select(term => term.Weigh(miniBatch))];
        _meter?.StartMiniBatch(weights.Sum(row => row.Count(w => w != 0)));
        return weights;
    }

    /// <inheritdoc/>
    public Tensor Loss(PolicyOutputs outputs, TokenColumns microBatch, StepMetrics? metrics, long step)
    {
        ArgumentNullException.ThrowIfNull(microBatch);
        var inputs = new LossInputs(outputs, microBatch, step);
        var sums = Parts.Terms.Select((term, k) => (Term: term, Loss: (term.Losses(inputs) * Weights(k)).sum())).ToArray();
        if (metrics is not null)
        {
            Measure(inputs, sums, metrics);
        }

        return sums.Where(sum => step >= sum.Term.FirstStep)
            .Select(sum => sum.Term.Coefficient == 1 ? sum.Loss : sum.Loss.Times(sum.Term.Coefficient))
            .Aggregate((all, loss) => all.Plus(loss));

        Tensor Weights(int term) => _own.ElementAtOrDefault(term) is { } own ? microBatch.Column(own) : microBatch.Weights;
    }

    /// <inheritdoc/>
    public bool StopsEarly(StepMetrics metrics) =>
        Parts.Ratio?.TargetApproximateKl is { } target && _meter!.ApproximateKl > target; // There is a meter where there is a ratio.

    /// <inheritdoc/>
    public JsonObject Save() => Parts.Preparation.Save();

    /// <inheritdoc/>
    public void Restore(JsonObject state) => Parts.Preparation.Restore(state);

    private void Measure(LossInputs inputs, (ILossTerm Term, Tensor Loss)[] sums, StepMetrics metrics)
    {
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        var counts = inputs.Columns.Weights.IsNotZero();
        if (inputs.Columns.Counts.Any(c => c))
        {
            foreach (var (term, _) in sums)
            {
                term.Measure(inputs, counts, metrics);
            }
        }

        _meter?.Measure(inputs, counts, sums.Select(sum => (sum.Term.Name, (double)sum.Loss.item<float>())), metrics);
    }
}
