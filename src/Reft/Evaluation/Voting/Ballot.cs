using Reft.Answers;
using Reft.Verification;

namespace Reft.Evaluation.Voting;

/// <summary>
/// The answers of one problem's samples as votes: answers that the comparison policy holds to be the same are one candidate.
/// </summary>
/// <remarks>
/// "The same" allows for rounding, so it is not transitive, and candidates need leaders: the answers' distinct values are
/// taken by how often they occur, then by which came first, and each joins the first leader that it equals, or becomes one.
/// NaN, infinities and what cannot be read as an answer are no votes. Whether a candidate is right is its leader's verdict.
/// </remarks>
internal sealed class Ballot
{
    private readonly int[] _candidates;
    private readonly bool[] _right;

    private Ballot(int[] candidates, bool[] right, int correct)
    {
        _candidates = candidates;
        _right = right;
        Correct = correct;
    }

    /// <summary>Samples, those without a vote counted.</summary>
    public int Samples => _candidates.Length;

    /// <summary>How many samples are verified correct, whatever they voted for.</summary>
    public int Correct { get; }

    /// <summary>The candidate of every sample in sampling order; -1 where it has no vote.</summary>
    public IReadOnlyList<int> Candidates => _candidates;

    /// <summary>Counts the verdicts of one problem's samples.</summary>
    /// <param name="verdicts">The verdicts in sampling order.</param>
    /// <param name="answer">The problem's known answer: where it is an option's letter, letters alone are votes.</param>
    /// <param name="style">What answers are.</param>
    /// <param name="policy">When two numbers are one: the paper's 0.01, or the exact policy's tolerance.</param>
    public static Ballot Of(IReadOnlyList<Verdict> verdicts, string answer, AnswerStyle style, AnswerPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(verdicts);
        var choices = OptionLetters.Answer(style, answer);
        var votes = verdicts.Select(verdict => Vote.Read(verdict.Answer, choices, policy)).ToArray();
        var values = votes.Select((vote, at) => (Vote: vote, At: at)).Where(pair => pair.Vote is not null)
            .GroupBy(pair => pair.Vote!) // Not null: selected.
            .OrderByDescending(group => group.Count()).ThenBy(group => group.First().At);
        var leaders = new List<Vote>();
        var right = new List<bool>();
        var candidateOf = new Dictionary<Vote, int>();
        foreach (var value in values)
        {
            var leader = leaders.FindIndex(value.Key.IsSame);
            if (leader < 0)
            {
                leader = leaders.Count;
                leaders.Add(value.Key);
                right.Add(verdicts[value.First().At].IsCorrect);
            }

            candidateOf[value.Key] = leader;
        }

        return new Ballot(
            [.. votes.Select(vote => vote is null ? -1 : candidateOf[vote])], [.. right], verdicts.Count(verdict => verdict.IsCorrect));
    }

    /// <summary>
    /// Whether the majority of some samples is right: the candidate with most votes, and of several with as many the one whose
    /// first vote came first. With no vote at all it is wrong.
    /// </summary>
    /// <param name="samples">The samples' places, in sampling order.</param>
    public bool MajorityIsRight(ReadOnlySpan<int> samples) => WinnerIsRight(samples, []);

    /// <summary>As <see cref="MajorityIsRight"/>, where every sample's vote has a weight.</summary>
    /// <param name="samples">The samples' places, in sampling order.</param>
    /// <param name="weights">The weights of all samples, at least 0; empty for 1 each.</param>
    public bool WinnerIsRight(ReadOnlySpan<int> samples, ReadOnlySpan<double> weights)
    {
        Span<double> votes = _right.Length <= 256 ? stackalloc double[_right.Length] : new double[_right.Length];
        votes.Clear();
        foreach (var sample in samples)
        {
            if (_candidates[sample] >= 0)
            {
                votes[_candidates[sample]] += weights.IsEmpty ? 1 : weights[sample];
            }
        }

        var winner = -1;
        foreach (var sample in samples)
        {
            var candidate = _candidates[sample];
            if (candidate >= 0 && (winner < 0 || votes[candidate] > votes[winner]))
            {
                winner = candidate;
            }
        }

        return winner >= 0 && _right[winner];
    }
}
