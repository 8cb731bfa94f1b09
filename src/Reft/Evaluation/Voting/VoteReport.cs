using Reft.Answers;
using Reft.Verification;

namespace Reft.Evaluation.Voting;

/// <summary>What k samples a problem get right together.</summary>
/// <param name="K">k.</param>
/// <param name="Majority">maj@k over subsets of a problem's samples, averaged over problems; a bootstrap over problems.</param>
/// <param name="FirstMajority">maj@k of the first k samples of every problem, the paper's single draw; Wilson's interval.</param>
/// <param name="Pass">Unbiased pass@k, averaged over problems; a bootstrap over problems.</param>
public sealed record VoteRow(int K, Estimate Majority, Estimate FirstMajority, Estimate Pass);

/// <summary>Votes and passes of a set of problems.</summary>
/// <param name="Problems">How many problems.</param>
/// <param name="Samples">How many samples all of them have.</param>
/// <param name="Voteless">Samples whose answer is no vote.</param>
/// <param name="Rows">One a k.</param>
public sealed record VoteReport(int Problems, int Samples, int Voteless, IReadOnlyList<VoteRow> Rows)
{
    /// <summary>Counts.</summary>
    /// <param name="ballots">The problems' votes; at least one.</param>
    /// <param name="groups">The group of each problem: those of one group count as one draw.</param>
    /// <param name="sizes">The k, each at most the fewest samples that a problem has.</param>
    internal static VoteReport Of(IReadOnlyList<Ballot> ballots, IReadOnlyList<string> groups, IReadOnlyList<int> sizes) => new(
        ballots.Count, ballots.Sum(b => b.Samples), ballots.Sum(b => b.Candidates.Count(c => c < 0)),
        [.. sizes.Select(k => Row(ballots, groups, k))]);

    /// <summary>Counts the samples of problems, as they were drawn.</summary>
    /// <param name="samples">The samples, of each problem as many.</param>
    /// <param name="style">What answers are.</param>
    /// <param name="policy">When two answers are one vote.</param>
    /// <param name="sizes">The k; null for powers of 4 and all.</param>
    /// <exception cref="ArgumentException">There are none, or a k is none of 1 to the fewest that a problem has.</exception>
    public static VoteReport Of(
        IEnumerable<EvaluationItem> samples, AnswerStyle style, AnswerPolicy policy = AnswerPolicy.Exact, IReadOnlyList<int>? sizes = null)
    {
        EvaluationItem[][] problems = [.. samples.GroupBy(item => item.Problem, StringComparer.Ordinal).Select(of => of.OrderBy(item => item.Sample).ToArray())];
        var fewest = problems.Length == 0 ? 0 : problems.Min(of => of.Length);
        sizes ??= SampleSizes.Of(fewest);
        if (fewest == 0 || sizes.Any(k => k < 1 || k > fewest))
        {
            throw new ArgumentException($"votes are of 1 to {fewest} samples", nameof(sizes));
        }

        return Of(
            [.. problems.Select(of => Ballot.Of([.. of.Select(item => new Verdict($"{item.Problem}#{item.Sample}", item.Outcome, item.Answer, item.Detail))], of[0].Gold, style, policy))],
            [.. problems.Select(of => of[0].DrawnWith)], sizes);
    }

    private static VoteRow Row(IReadOnlyList<Ballot> ballots, IReadOnlyList<string> groups, int k)
    {
        int[] first = [.. Enumerable.Range(0, k)];
        return new VoteRow(
            k,
            Intervals.Mean(ballots.Select(ballot => SampleAccuracy.MajorityAt(ballot, k)), groups),
            Intervals.Wilson(Intervals.Clusters([.. ballots.Select(ballot => ballot.MajorityIsRight(first) ? 1.0 : 0)], groups)),
            Intervals.Mean(ballots.Select(ballot => SampleAccuracy.PassAt(ballot.Samples, ballot.Correct, k)), groups));
    }
}
