using Reft.Evaluation;

namespace Reft.Reproduction.Sweeps;

/// <summary>A run of a sweep, at the checkpoint that dev chose.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="BestStep">The step of that checkpoint, of equals the first.</param>
/// <param name="Dev">Its greedy accuracy on dev.</param>
/// <param name="Minutes">How long the run took.</param>
internal sealed record SweepCell(ulong Seed, long BestStep, Estimate Dev, double Minutes);

/// <summary>A point of a sweep over its seeds.</summary>
/// <param name="Point">The point.</param>
/// <param name="Seeds">Each seed.</param>
/// <param name="Spread">The mean and spread of their accuracies.</param>
/// <param name="Interval">The mean with its interval over problems and seeds; with one seed over problems alone.</param>
/// <param name="LessChosen">This less the chosen point, paired by problem, with the same kind of interval; null for the chosen one.</param>
internal sealed record SweepRow(SweepPoint Point, IReadOnlyList<SweepCell> Seeds, SeedSpread Spread, Estimate Interval, Estimate? LessChosen);

/// <summary>The chosen point on test.</summary>
/// <param name="Seeds">The greedy accuracy of each seed.</param>
/// <param name="Spread">Their mean and spread.</param>
/// <param name="Interval">The mean with its interval over problems and seeds; with one seed over problems alone.</param>
/// <param name="Looks">How often this test set was looked at, at most.</param>
internal sealed record SweepTest(IReadOnlyList<Estimate> Seeds, SeedSpread Spread, Estimate Interval, int Looks);

/// <summary>What a sweep found.</summary>
/// <param name="Plan">The sweep.</param>
/// <param name="Rows">The points, the best on dev first, of equals in the grid's order.</param>
/// <param name="Test">The first of them on test; null where there is no test set, or it was not looked at yet.</param>
internal sealed record SweepResult(SweepPlan Plan, IReadOnlyList<SweepRow> Rows, SweepTest? Test)
{
    /// <summary>The point that dev chose.</summary>
    public SweepPoint Chosen => Rows[0].Point;
}
