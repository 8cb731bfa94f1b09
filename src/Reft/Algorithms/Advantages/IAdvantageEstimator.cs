namespace Reft.Algorithms.Advantages;

/// <summary>Advantages and returns of one sequence's actions.</summary>
/// <param name="Values">Advantages A [T]; 0 at steps that are no action.</param>
/// <param name="Returns">Returns, what values are to learn [T]; empty where no value is learned.</param>
public sealed record AdvantageEstimate(double[] Values, double[] Returns);

/// <summary>How much better than expected each action of a step's sequences was.</summary>
public interface IAdvantageEstimator
{
    /// <summary>The figures that it writes.</summary>
    IReadOnlyList<Metric> Metrics => [];

    /// <summary>The formulas that it computes.</summary>
    IReadOnlyList<Formula> Formulas => [];

    /// <summary>Whether the policy is asked for the values of the states.</summary>
    bool NeedsValues => false;

    /// <summary>Works them out from rewards and old values.</summary>
    /// <param name="trajectories">All of a step's, with their shaped rewards.</param>
    /// <param name="metrics">Gets figures.</param>
    /// <returns>One estimate a trajectory.</returns>
    IReadOnlyList<AdvantageEstimate> Estimate(IReadOnlyList<Trajectory> trajectories, StepMetrics metrics);
}
