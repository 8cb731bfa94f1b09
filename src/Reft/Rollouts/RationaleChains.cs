using System.Text.Json.Nodes;
using Reft.Generation;
using Reft.Problems;

namespace Reft.Rollouts;

/// <summary>
/// A chain of rationales for every problem (TRICE, <see href="https://arxiv.org/abs/2312.02179"/>, algorithm 1): a step draws one proposal of each of
/// its problems; a correct one becomes the problem's rationale, for a proposal of the model itself is accepted with probability 1 where it is
/// right and never where it is wrong. A step's sequences are the proposals, and beside each rejected one the rationale that is kept.
/// </summary>
/// <param name="rollouts">Draws from the policy; one sample of a problem.</param>
/// <param name="guide">
/// What is added to a question to draw its first rationale, <c>{answer}</c> standing for the known answer; null to begin without one.
/// </param>
internal sealed class RationaleChains(PolicyRollouts rollouts, string? guide) : IRolloutSource
{
    /// <summary>Ends the ids of kept rationales, which nobody drew in this step.</summary>
    private const string Kept = "#kept";

    private readonly SortedDictionary<string, Rationale> _memory = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public long StepsPerEpoch => rollouts.StepsPerEpoch;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, double> Figures => new Dictionary<string, double>
    {
        ["trice/known_share"] = (double)_memory.Values.Count(rationale => rationale.IsCorrect) / rollouts.Problems.Count,
    };

    /// <inheritdoc/>
    public IReadOnlyList<ScoredRollout> Collect(long step, CancellationToken cancellation)
    {
        var problems = rollouts.ProblemsAt(step);
        Begin(problems, step, cancellation);
        var proposals = rollouts.Draw(problems, step, rollouts.Options.Sampling, 1, cancellation);
        rollouts.Observe(proposals);
        return [.. proposals.SelectMany(proposal => Move(proposal, step))];
    }

    /// <inheritdoc/>
    public JsonObject Save() => new()
    {
        ["rollouts"] = rollouts.Save(),
        ["rationales"] = new JsonObject(_memory.Select(pair => KeyValuePair.Create(
            pair.Key,
            (JsonNode?)new JsonObject
            {
                ["correct"] = pair.Value.IsCorrect,
                ["finish"] = (int)pair.Value.Finish,
                ["text"] = pair.Value.Text,
                ["tokens"] = new JsonArray([.. pair.Value.Tokens.Select(token => (JsonNode?)JsonValue.Create(token))]),
            }))),
    };

    /// <inheritdoc/>
    public void Restore(JsonObject state)
    {
        ArgumentNullException.ThrowIfNull(state);
        try
        {
            rollouts.Restore(state["rollouts"]!.AsObject());
            _memory.Clear();
            foreach (var (id, kept) in state["rationales"]!.AsObject())
            {
                _memory[id] = new Rationale(
                    [.. kept!["tokens"]!.AsArray().Select(token => token!.GetValue<int>())],
                    kept["text"]!.GetValue<string>(), (FinishReason)kept["finish"]!.GetValue<int>(), kept["correct"]!.GetValue<bool>());
            }
        }
        catch (Exception error) when (error is NullReferenceException or InvalidOperationException or FormatException)
        {
            throw new InputException($"the rollouts' state is not that of chains of rationales: {OneLine.Of(error.Message)}", error);
        }
    }

    /// <summary>A problem whose question says its answer.</summary>
    internal static Problem Guided(Problem problem, string guide) => problem with
    {
        Question = $"{problem.Question.TrimEnd()}\n{guide.Replace("{answer}", problem.Answer.Trim(), StringComparison.Ordinal)}",
    };

    /// <summary>The first rationales, from questions that say the answer; they may be wrong, and wait for a proposal that is not.</summary>
    private void Begin(IReadOnlyList<Problem> problems, long step, CancellationToken cancellation)
    {
        if (guide is null)
        {
            return;
        }

        var starts = problems.Where(problem => !_memory.ContainsKey(problem.Id)).Select(problem => rollouts.StartOf(Guided(problem, guide), step)).ToArray();
        // A proposal is the problem's sample 0 of this step, and must not depend on where its chain stands.
        foreach (var drawn in rollouts.Draw(starts, step, rollouts.Options.Sampling, 1, cancellation, first: _ => 1))
        {
            _memory[drawn.Problem.Id] = Rationale.Of(drawn);
        }
    }

    private IEnumerable<ScoredRollout> Move(ScoredRollout proposal, long step)
    {
        var kept = _memory.GetValueOrDefault(proposal.Problem.Id);
        yield return proposal;
        if (proposal.Verdict is { IsCorrect: true })
        {
            _memory[proposal.Problem.Id] = Rationale.Of(proposal);
        }
        else if (kept is { IsCorrect: true })
        {
            yield return Beside(proposal, kept.Tokens) with { FinishReason = kept.Finish, Text = kept.Text, PolicyStep = step };
        }
    }

    /// <summary>A kept rationale, as a sequence beside the proposal that was rejected.</summary>
    /// <param name="proposal">The proposal.</param>
    /// <param name="response">The rationale's tokens.</param>
    internal static ScoredRollout Beside(ScoredRollout proposal, int[] response) => proposal with
    {
        SampleId = proposal.Problem.Id + Kept,
        Tokens = [.. proposal.Tokens[..proposal.PromptLength], .. response],
        Roles = [.. response.Select(_ => TokenRole.Sampled)], // The method refuses hints.
        LogProbs = [],
        Verdict = null, // It was judged when it was drawn, and is none of this step's samples.
        Reward = 0,
        RewardParts = [],
    };

    private sealed record Rationale(int[] Tokens, string Text, FinishReason Finish, bool IsCorrect)
    {
        public static Rationale Of(ScoredRollout drawn) =>
            new(drawn.Tokens[drawn.PromptLength..], drawn.Text, drawn.FinishReason, drawn.Verdict is { IsCorrect: true });
    }
}
