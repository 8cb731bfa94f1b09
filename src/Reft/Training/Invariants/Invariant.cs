namespace Reft.Training.Invariants;

/// <summary>What an invariant measured in a step.</summary>
/// <param name="Figure">The figure.</param>
/// <param name="Limit">Its limit.</param>
/// <param name="IsBroken">Whether the figure is beyond it.</param>
internal readonly record struct Measured(double Figure, double Limit, bool IsBroken);

/// <summary>One live invariant.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Meaning">What its breach means.</param>
/// <param name="Remedy">What to do.</param>
/// <param name="WarnsAfter">Steps in a row after which it is reported.</param>
/// <param name="StopsAfter">Steps in a row after which the run stops; 0 for never.</param>
/// <param name="Measure">Measures a step; null where the step has nothing to measure.</param>
internal sealed record Invariant(
    string Id, string Meaning, string Remedy, int WarnsAfter, int StopsAfter, Func<TrainingStep, Measured?> Measure)
{
    /// <summary>Whether it measures the process and not the run: then its count is not part of a checkpoint.</summary>
    public bool IsOfTheProcess { get; init; }

    /// <summary>What it remembers of earlier steps; null for nothing.</summary>
    public RewardPeak? Memory { get; init; }
}
