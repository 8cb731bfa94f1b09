using Reft.Problems;

namespace Reft.Rollouts;

/// <summary>Chooses where rollouts start, and learns from how they went.</summary>
public interface ICurriculum : IResumable
{
    /// <summary>The start of a problem's rollouts in a step; all samples of the problem share it.</summary>
    Start Choose(Problem problem, long step);

    /// <summary>Told of the step's rollouts once their rewards are known.</summary>
    void Observe(IReadOnlyList<ScoredRollout> rollouts);
}
