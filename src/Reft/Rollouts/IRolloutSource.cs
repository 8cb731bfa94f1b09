using System.Collections.ObjectModel;

namespace Reft.Rollouts;

/// <summary>Where a training step's sequences come from: gold solutions, the policy, a recording.</summary>
public interface IRolloutSource : IResumable
{
    /// <summary>Steps that pass over all problems once.</summary>
    long StepsPerEpoch { get; }

    /// <summary>
    /// The sequences of a training step. They depend on the step, the seed, the policy's weights and the saved state alone:
    /// a resumed run needs no cursor but the step.
    /// </summary>
    IReadOnlyList<ScoredRollout> Collect(long step, CancellationToken cancellation);

    /// <summary>How the source stands after a step, by the names of metrics; a curriculum's.</summary>
    IReadOnlyDictionary<string, double> Figures => ReadOnlyDictionary<string, double>.Empty;
}
