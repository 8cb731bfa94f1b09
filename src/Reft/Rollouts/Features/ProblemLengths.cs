namespace Reft.Rollouts.Features;

/// <summary>How long what a model is taught to write is: the difficulty that is there without a single rollout.</summary>
internal static class ProblemLengths
{
    /// <summary>The tokens of every problem's known solution; of its question, where there is none.</summary>
    public static int[] Of(CurriculumParts parts) => [.. parts.Problems.Select(problem =>
    {
        var prompt = parts.Template.PromptTokens(parts.Tokenizer, problem.Question);
        return problem.HasSolution
            ? parts.Template.TargetTokens(parts.Tokenizer, problem.Question, prompt, parts.Template.Target(problem)).Length
            : prompt.Length;
    })];
}
