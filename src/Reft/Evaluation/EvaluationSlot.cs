using System.Globalization;
using Reft.Generation;
using Reft.Numerics;
using Reft.Problems;
using Reft.Verification;

namespace Reft.Evaluation;

/// <summary>A problem with its prompt.</summary>
/// <param name="Problem">The problem.</param>
/// <param name="Prompt">The whole prompt.</param>
/// <param name="Given">What the prompt holds of the response.</param>
/// <param name="Tokens">The prompt's ids.</param>
internal sealed record PromptedProblem(Problem Problem, string Prompt, string Given, int[] Tokens);

/// <summary>One completion to be made: sample <paramref name="Index"/> of a problem.</summary>
internal sealed record EvaluationSlot(PromptedProblem Prompted, int Index)
{
    private Problem Problem => Prompted.Problem;

    /// <summary>Whether the prompt leaves room for a token.</summary>
    public bool Fits(int context) => Prompted.Tokens.Length < context;

    // By the id, as rollouts are: the draws stay the same when a problem is added.
    public GenerationRequest Request() => new(CounterRandom.Hash(0, Problem.Id), Index, Prompted.Tokens);

    public Sample Sample(string text) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{Problem.Id}#{Index}"), text, Problem.Answer)
        {
            Given = Prompted.Given,
        };

    public EvaluationItem Item(Completion completion, string text, Verdict verdict) => new()
    {
        Problem = Problem.Id,
        Group = Problem.GroupKey,
        Sample = Index,
        Prompt = Prompted.Prompt,
        Completion = text,
        Tokens = completion.Tokens.Length,
        Finish = completion.FinishReason == FinishReason.Stop ? EvaluationFinish.Stop : EvaluationFinish.Length,
        Outcome = verdict.Outcome,
        Answer = verdict.Answer,
        Gold = Problem.Answer,
        Detail = verdict.Detail,
    };

    public EvaluationItem Unfit(int context) => new()
    {
        Problem = Problem.Id,
        Group = Problem.GroupKey,
        Sample = Index,
        Prompt = Prompted.Prompt,
        Completion = "",
        Tokens = 0,
        Finish = EvaluationFinish.PromptTooLong,
        Outcome = Outcome.Error,
        Answer = null,
        Gold = Problem.Answer,
        Detail = string.Create(
            CultureInfo.InvariantCulture,
            $"the prompt of {Prompted.Tokens.Length} tokens leaves no room in the context of {context}"),
    };
}
