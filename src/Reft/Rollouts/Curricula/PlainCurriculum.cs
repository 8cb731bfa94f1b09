using System.Text.Json.Nodes;
using Reft.Problems;
using Reft.Text;

namespace Reft.Rollouts.Curricula;

/// <summary>No options: every problem once an epoch, every rollout from its prompt.</summary>
public sealed record PlainCurriculumOptions : ICurriculumOptions
{
    /// <inheritdoc/>
    public string Name => "plain";

    /// <inheritdoc/>
    public string Summary => "every problem once an epoch, without hints";

    /// <inheritdoc/>
    public ICurriculum Create(CurriculumParts parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        return new PlainCurriculum(parts.Template, parts.Tokenizer);
    }
}

/// <summary>Every rollout starts at its prompt, without a hint.</summary>
internal sealed class PlainCurriculum(PromptTemplate template, Tokenizer tokenizer) : ICurriculum
{
    /// <inheritdoc/>
    public Start Choose(Problem problem, long step) => new(
        problem,
        template.PromptTokens(tokenizer, problem.Question),
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
