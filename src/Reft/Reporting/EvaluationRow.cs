using Reft.Evaluation;

namespace Reft.Reporting;

/// <summary>One evaluation in the page, without its items.</summary>
/// <param name="Step">After which step.</param>
/// <param name="Set">dev or test.</param>
/// <param name="Model">The hash of the weights.</param>
/// <param name="Greedy">What greedy completions scored.</param>
/// <param name="Sampled">What samples scored; null where there were none.</param>
internal sealed record EvaluationRow(
    long Step, string Set, string Model, EvaluationScore Greedy, EvaluationScore? Sampled)
{
    /// <summary>The row of an evaluation; one without a step is of step 0.</summary>
    public static EvaluationRow Of(EvaluationResult result) => new(
        result.Step ?? 0, result.Set, result.Model, EvaluationScore.Of(result.Greedy),
        result.Sampled is null ? null : EvaluationScore.Of(result.Sampled));
}

/// <summary>What one way of decoding scored.</summary>
/// <param name="Accuracy">Strict accuracy with its interval.</param>
/// <param name="Reward">The mean reward.</param>
/// <param name="Shares">The shares of the outcomes, and of truncated completions.</param>
/// <param name="Sampling">How tokens were drawn, in words.</param>
internal sealed record EvaluationScore(Estimate Accuracy, double Reward, EvaluationShares Shares, string Sampling)
{
    /// <summary>The score of a part.</summary>
    public static EvaluationScore Of(EvaluationPart part)
    {
        var sampling = part.Sampling;
        var filters = FormattableString.Invariant(
            $"temperature {sampling.Temperature}, top-k {sampling.TopK}, top-p {sampling.TopP}, min-p {sampling.MinP}");
        return new EvaluationScore(
            part.Accuracy, part.Reward, part.Shares,
            $"{filters}, at most {sampling.MaxTokens} tokens, seed {sampling.Seed}");
    }
}
