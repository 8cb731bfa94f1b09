using Reft.Answers;
using Reft.Evaluation.Voting;
using Reft.Problems;
using Reft.Rollouts;

namespace Reft.Evaluation.Turns;

/// <summary>
/// Lets a model try several times at a problem, each time told that it was wrong, whether it was or not: what is right is what it votes for
/// (RISE, <see href="https://arxiv.org/abs/2407.18219"/>, section 6). As many samples of the first attempt are what it must be better than.
/// </summary>
/// <param name="rollouts">Draws from the model.</param>
/// <param name="feedback">What follows an attempt, as tokens.</param>
/// <param name="turns">How many attempts, at least 2.</param>
/// <param name="window">How many attempts before it a prompt holds.</param>
/// <param name="style">What answers are.</param>
/// <param name="policy">When two are the same.</param>
internal sealed class TurnEvaluation(
    PolicyRollouts rollouts, Func<Problem, int[]> feedback, int turns, int window, AnswerStyle style, AnswerPolicy policy)
{
    /// <summary>Evaluates.</summary>
    public TurnReport Evaluate(IReadOnlyList<Problem> problems, CancellationToken cancellation = default)
    {
        var starts = problems.Select(problem => rollouts.StartOf(problem, 0)).ToArray();
        var firsts = rollouts.Draw(starts, 0, rollouts.Options.Sampling, turns, cancellation).Chunk(turns).ToArray();
        var all = starts.Select((start, i) =>
        {
            var attempts = new Attempts(start, feedback(start.Problem), window);
            attempts.Add(firsts[i][0]);
            return attempts;
        }).ToArray();
        for (var turn = 1; turn < turns; turn++)
        {
            var going = all.Where(attempts => attempts.Turns.Count == turn && attempts.Next().PromptTokens.Length < rollouts.Context).ToArray();
            var number = turns + turn; // Draws of no other turn.
            var drawn = rollouts.Draw([.. going.Select(attempts => attempts.Next())], 0, rollouts.Options.Sampling, 1, cancellation, _ => number);
            for (var i = 0; i < going.Length; i++)
            {
                going[i].Add(drawn[i]);
            }
        }

        return TurnReport.Of(
            [.. problems.Select((problem, i) => new TurnsOfProblem(
                Ballot(problem, firsts[i]), Ballot(problem, all[i].Turns), [.. all[i].Turns.Select(IsRight)]))],
            [.. problems.Select(problem => problem.GroupKey)], turns);
    }

    private Ballot Ballot(Problem problem, IEnumerable<ScoredRollout> rollouts) =>
        Voting.Ballot.Of([.. rollouts.Select(r => r.Verdict!)], problem.Answer, style, policy); // What is drawn is judged.

    private static bool IsRight(ScoredRollout rollout) => rollout.Verdict is { IsCorrect: true };
}

/// <summary>What became of one problem.</summary>
/// <param name="First">The votes of several samples of the first attempt.</param>
/// <param name="Turns">The votes of attempts one after another; fewer where the context was full.</param>
/// <param name="IsRight">Whether each attempt was right.</param>
internal sealed record TurnsOfProblem(Ballot First, Ballot Turns, IReadOnlyList<bool> IsRight);
