using Reft.Evaluation.Voting;

namespace Reft.Evaluation.Reranking;

/// <summary>What k samples a problem give by score and by vote.</summary>
/// <param name="K">k.</param>
/// <param name="Best">best-of-k over subsets of a problem's samples, averaged over problems; a bootstrap over problems.</param>
/// <param name="FirstBest">The best of the first k samples, the paper's single draw; Wilson's interval.</param>
/// <param name="Weighted">The vote weighed by score over subsets; a bootstrap over problems.</param>
/// <param name="Majority">maj@k over subsets; a bootstrap over problems.</param>
/// <param name="Pass">Unbiased pass@k, what the best choice would give; a bootstrap over problems.</param>
internal sealed record RerankRow(int K, Estimate Best, Estimate FirstBest, Estimate Weighted, Estimate Majority, Estimate Pass);

/// <summary>What a reward model makes of a set of problems' samples.</summary>
/// <param name="Problems">How many problems.</param>
/// <param name="Samples">How many samples all of them have.</param>
/// <param name="Voteless">Samples whose answer cannot be read; they are no candidates.</param>
/// <param name="Calibration">How far the scores are probabilities, over all samples.</param>
/// <param name="Rows">One a k.</param>
internal sealed record RerankReport(
    int Problems, int Samples, int Voteless, Calibration Calibration, IReadOnlyList<RerankRow> Rows)
{
    /// <summary>Counts.</summary>
    /// <param name="problems">The problems' samples; at least one problem.</param>
    /// <param name="groups">The group of each problem: those of one group count as one draw.</param>
    /// <param name="sizes">The k, each at most the fewest samples that a problem has.</param>
    public static RerankReport Of(
        IReadOnlyList<RankedSamples> problems, IReadOnlyList<string> groups, IReadOnlyList<int> sizes)
    {
        ArgumentNullException.ThrowIfNull(problems);
        ArgumentNullException.ThrowIfNull(sizes);
        return new RerankReport(
            problems.Count,
            problems.Sum(p => p.Scores.Count),
            problems.Sum(p => p.Ballot.Candidates.Count(c => c < 0)),
            Calibration.Of([.. problems.SelectMany(p => p.Scores.Zip(p.IsRight))]),
            [.. sizes.Select(k => Row(problems, groups, k))]);
    }

    private static RerankRow Row(IReadOnlyList<RankedSamples> problems, IReadOnlyList<string> groups, int k) => new(
        k,
        Intervals.Mean(problems.Select(p => p.BestAt(k)), groups),
        Intervals.Wilson(Intervals.Clusters([.. problems.Select(p => p.BestIsRight(k) ? 1.0 : 0)], groups)),
        Intervals.Mean(problems.Select(p => p.WeightedAt(k)), groups),
        Intervals.Mean(problems.Select(p => SampleAccuracy.MajorityAt(p.Ballot, k)), groups),
        Intervals.Mean(problems.Select(p => SampleAccuracy.PassAt(p.Ballot.Samples, p.Ballot.Correct, k)), groups));
}
