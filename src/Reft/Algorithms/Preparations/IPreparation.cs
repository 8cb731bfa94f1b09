using System.Text.Json.Nodes;
using Reft.Models;
using Reft.Rollouts;

namespace Reft.Algorithms.Preparations;

/// <summary>What a step's rollouts are made into before the first update, without gradients.</summary>
public interface IPreparation : IResumable
{
    /// <summary>Turns rollouts into trajectories: which are learned, with old values, references, rewards, advantages.</summary>
    /// <param name="rollouts">The step's rollouts.</param>
    /// <param name="policy">The policy that drew them.</param>
    /// <param name="metrics">Gets the step's figures.</param>
    IReadOnlyList<Trajectory> Prepare(IReadOnlyList<ScoredRollout> rollouts, Policy policy, StepMetrics metrics);

    /// <inheritdoc/>
    JsonObject IResumable.Save() => [];

    /// <inheritdoc/>
    void IResumable.Restore(JsonObject state)
    {
        // There is none.
    }
}
