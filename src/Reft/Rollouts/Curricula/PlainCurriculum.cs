using System.Text.Json.Nodes;
using Reft.Problems;
using Reft.Text;

namespace Reft.Rollouts.Curricula;

/// <summary>Every rollout starts at its prompt, without a hint.</summary>
public sealed class PlainCurriculum(PromptTemplate template, Tokenizer tokenizer) : ICurriculum
{
    /// <inheritdoc/>
    public Start Choose(Problem problem, long step) => new(
        problem,
        tokenizer.Encode(template.Prompt(problem.Question), addSpecialTokens: false),
        [],
        template.Given(problem.Question));

    /// <inheritdoc/>
    public void Observe(IReadOnlyList<ScoredRollout> rollouts)
    {
        // Nothing is learned from them.
    }

    /// <inheritdoc/>
    public JsonObject Save() => [];

    /// <inheritdoc/>
    public void Restore(JsonObject state)
    {
        // There is none.
    }
}
