using Reft.Problems;

namespace Reft.Rollouts;

/// <summary>
/// Attempts at one problem, one after another: each prompt goes on with what was tried before and the answer that it was wrong. What was tried
/// keeps its role; what the environment says is <see cref="TokenRole.Feedback"/>.
/// </summary>
/// <param name="first">Where the first attempt starts.</param>
/// <param name="feedback">What follows an attempt.</param>
/// <param name="window">How many attempts before it a prompt holds, at least 1: the latest.</param>
internal sealed class Attempts(Start first, int[] feedback, int window)
{
    private readonly List<ScoredRollout> _turns = [];

    /// <summary>The problem.</summary>
    public Problem Problem => first.Problem;

    /// <summary>The attempts so far, each as it was drawn from its own prompt.</summary>
    public IReadOnlyList<ScoredRollout> Turns => _turns;

    /// <summary>Adds an attempt that was made from <see cref="Next"/>.</summary>
    public void Add(ScoredRollout turn) => _turns.Add(turn);

    /// <summary>Where the next attempt starts.</summary>
    public Start Next() => first with { PromptTokens = [.. first.PromptTokens, .. Before(_turns.Count).SelectMany(turn => Response(turn).Concat(feedback))] };

    /// <summary>An attempt with those before it that its prompt held, as one response.</summary>
    /// <param name="turn">Which, counted from 0.</param>
    public ScoredRollout Sequence(int turn)
    {
        var last = _turns[turn];
        var before = Before(turn).ToArray();
        return last with
        {
            Tokens = [.. first.PromptTokens, .. before.SelectMany(t => Response(t).Concat(feedback)), .. Response(last)],
            PromptLength = first.PromptTokens.Length,
            Roles = [.. before.SelectMany(t => t.Roles.Concat(feedback.Select(_ => TokenRole.Feedback))), .. last.Roles],
            LogProbs = last.LogProbs.Length == 0 ? [] : [.. before.SelectMany(t => t.LogProbs.Concat(feedback.Select(_ => 0f))), .. last.LogProbs],
            Turn = turn + 1,
        };
    }

    private IEnumerable<ScoredRollout> Before(int turn) => _turns.Take(turn).TakeLast(window);

    private static IEnumerable<int> Response(ScoredRollout rollout) => rollout.Tokens.Skip(rollout.PromptLength);
}
