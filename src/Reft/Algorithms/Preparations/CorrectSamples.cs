using Reft.Models;
using Reft.Rollouts;

namespace Reft.Algorithms.Preparations;

/// <summary>Rejection sampling: of each problem the correct samples are learned, each text once, and at most so many; the rest is left out.</summary>
/// <param name="mostPerProblem">The most of a problem; null for all.</param>
internal sealed class CorrectSamples(int? mostPerProblem) : IPreparation
{
    /// <inheritdoc/>
    public IReadOnlyList<Metric> Metrics { get; } = [new("rejection/learned_sequences", "correct samples that are learned")];

    /// <inheritdoc/>
    public IReadOnlyList<Formula> Formulas { get; } =
    [
        new(
            "the correct samples of a problem, each text once", "Algorithms/Preparations/CorrectSamples: Choose", "paper, section 4.2; Yuan 2023"),
    ];

    /// <inheritdoc/>
    public IReadOnlyList<Trajectory> Prepare(IReadOnlyList<ScoredRollout> rollouts, Policy policy, StepMetrics metrics) => Choose(rollouts, metrics);

    /// <inheritdoc/>
    public IReadOnlyList<Trajectory> Again(IReadOnlyList<Trajectory> stored, double? klCoefficient, StepMetrics metrics) =>
        Choose([.. stored.Select(t => t.Rollout)], metrics);

    private Trajectory[] Choose(IReadOnlyList<ScoredRollout> rollouts, StepMetrics metrics)
    {
        var kept = rollouts.Where(r => r.Verdict is { IsCorrect: true })
            .GroupBy(r => r.Problem.Id, StringComparer.Ordinal)
            .SelectMany(group => group.DistinctBy(r => string.Join(' ', r.Tokens)).Take(mostPerProblem ?? int.MaxValue))
            .Select(r => r.SampleId).ToHashSet(StringComparer.Ordinal);
        metrics.Set("rejection/learned_sequences", kept.Count);
        return [.. rollouts.Select(r => new Trajectory(r) { OldLogProbs = r.LogProbs, LeftOut = !kept.Contains(r.SampleId) })];
    }
}
