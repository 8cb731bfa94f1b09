using Reft.Answers;
using Reft.Evaluation.Voting;
using Reft.Verification;

namespace Reft.Evaluation.Reranking;

/// <summary>One problem's samples with what a reward model thinks of them.</summary>
/// <remarks>
/// Candidates are the samples whose answer can be read, as in the paper; the one with the highest score wins, and of several with
/// as high a score the one that was drawn first. Samples of the same text have the same score, so repeats change nothing.
/// </remarks>
internal sealed class RankedSamples
{
    private readonly double[] _scores;
    private readonly bool[] _right;
    private readonly int[] _ranked;

    private RankedSamples(Ballot ballot, double[] scores, bool[] right)
    {
        Ballot = ballot;
        _scores = scores;
        _right = right;
        _ranked = [.. Enumerable.Range(0, scores.Length).Where(i => ballot.Candidates[i] >= 0)
            .OrderByDescending(i => scores[i]).ThenBy(i => i)];
    }

    /// <summary>Their votes.</summary>
    public Ballot Ballot { get; }

    /// <summary>P(right) of every sample, in sampling order.</summary>
    public IReadOnlyList<double> Scores => _scores;

    /// <summary>Whether each sample is verified correct.</summary>
    public IReadOnlyList<bool> IsRight => _right;

    /// <summary>Puts verdicts and scores together.</summary>
    /// <param name="verdicts">The verdicts in sampling order.</param>
    /// <param name="scores">P(right) of every sample, in [0, 1].</param>
    /// <param name="answer">The problem's known answer: where it is an option's letter, letters alone are candidates.</param>
    /// <param name="style">What answers are.</param>
    /// <param name="policy">When two numbers are one.</param>
    public static RankedSamples Of(
        IReadOnlyList<Verdict> verdicts, IReadOnlyList<double> scores, string answer, AnswerStyle style, AnswerPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(verdicts);
        ArgumentNullException.ThrowIfNull(scores);
        if (verdicts.Count != scores.Count || scores.Any(score => !(score is >= 0 and <= 1)))
        {
            throw new ArgumentException("every sample needs a score in [0, 1]", nameof(scores));
        }

        return new RankedSamples(Ballot.Of(verdicts, answer, style, policy), [.. scores], [.. verdicts.Select(v => v.IsCorrect)]);
    }

    /// <summary>
    /// best-of-k: the share of all subsets of k samples whose best candidate is right. It is exact: the candidate with i better
    /// ones is the best of <c>C(n-1-i, k-1)</c> subsets.
    /// </summary>
    /// <param name="k">k, from 1 to the number of samples, n.</param>
    public double BestAt(int k)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, _scores.Length);
        var n = _scores.Length;
        var share = (double)k / n; // C(n-1, k-1) / C(n, k)
        var sum = 0.0;
        for (var i = 0; i < _ranked.Length && share > 0; i++)
        {
            sum += _right[_ranked[i]] ? share : 0;
            share *= (double)(n - k - i) / (n - 1 - i); // C(n-2-i, k-1) / C(n-1-i, k-1); 0 once too few are left.
        }

        return Math.Min(1, sum);
    }

    /// <summary>Whether the best candidate of the first k samples is right; without a candidate it is wrong.</summary>
    public bool BestIsRight(int k)
    {
        var best = Array.FindIndex(_ranked, i => i < k);
        return best >= 0 && _right[_ranked[best]];
    }

    /// <summary>The share of subsets of k samples whose vote, each sample's weighed by its score, is right.</summary>
    public double WeightedAt(int k) =>
        SampleAccuracy.ShareOfSubsets(_scores.Length, k, subset => Ballot.WinnerIsRight(subset, _scores));
}
