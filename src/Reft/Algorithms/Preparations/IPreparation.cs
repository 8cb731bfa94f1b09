using System.Text.Json.Nodes;
using Reft.Models;
using Reft.Rollouts;

namespace Reft.Algorithms.Preparations;

/// <summary>What a step's rollouts are made into before the first update, without gradients.</summary>
public interface IPreparation : IResumable
{
    /// <summary>The figures that it writes.</summary>
    IReadOnlyList<Metric> Metrics => [];

    /// <summary>The formulas that it computes.</summary>
    IReadOnlyList<Formula> Formulas => [];

    /// <summary>Turns rollouts into trajectories: which are learned, with old values, references, rewards, advantages.</summary>
    /// <param name="rollouts">The step's rollouts.</param>
    /// <param name="policy">The policy that drew them.</param>
    /// <param name="metrics">Gets the step's figures.</param>
    IReadOnlyList<Trajectory> Prepare(IReadOnlyList<ScoredRollout> rollouts, Policy policy, StepMetrics metrics);

    /// <summary>
    /// Works a stored step out again, without a model: from rollouts and from what the policy and the reference said of them then, as
    /// <see cref="Prepare"/> did; null if it cannot.
    /// </summary>
    /// <param name="stored">The step's trajectories as they are stored; rewards, advantages and what is left out are made anew.</param>
    /// <param name="klCoefficient">β of the step as it is stored; null where there was none, or where it is to follow from the options.</param>
    /// <param name="metrics">Gets the figures that follow from these alone.</param>
    IReadOnlyList<Trajectory>? Again(IReadOnlyList<Trajectory> stored, double? klCoefficient, StepMetrics metrics) => null;

    /// <inheritdoc/>
    JsonObject IResumable.Save() => [];

    /// <inheritdoc/>
    void IResumable.Restore(JsonObject state)
    {
        // There is none.
    }
}
