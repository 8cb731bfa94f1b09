using Reft.Generation;
using Reft.Problems;
using Reft.Text;

namespace Reft.Rollouts;

/// <summary>Gold solutions as completions: what supervised fine-tuning imitates.</summary>
internal sealed class GoldSolutions : StoredSequences
{
    /// <summary>Tokenizes every problem's solution.</summary>
    /// <param name="problems">Problems with solutions.</param>
    /// <param name="template">The texts.</param>
    /// <param name="tokenizer">Prompt and target are tokenised apart, as rollouts see them; see <see cref="PromptTemplate.TargetTokens"/>.</param>
    /// <param name="stopToken">Ends every target; it is learned.</param>
    /// <param name="maxTokens">The most tokens of a sequence.</param>
    /// <param name="batchSize">Sequences of a step.</param>
    /// <param name="seed">The seed of the order.</param>
    /// <param name="learnsPrompts">Whether every token but the first is learned, as in pre-training, not the target alone.</param>
    /// <exception cref="InputException">No sequence is short enough, or a problem has no solution.</exception>
    public GoldSolutions(
        IReadOnlyList<Problem> problems, PromptTemplate template, Tokenizer tokenizer, int stopToken, int maxTokens,
        int batchSize, ulong seed, bool learnsPrompts = false)
        : base(
            [.. problems.Select(p => Make(p, template, tokenizer, stopToken, learnsPrompts))], "solutions", maxTokens, batchSize, seed)
    {
    }

    /// <summary>The solutions that fit into so many tokens with their prompts, as completions to imitate; empty where none does.</summary>
    internal static IEnumerable<ScoredRollout> Fitting(
        IEnumerable<Problem> problems, PromptTemplate template, Tokenizer tokenizer, int stopToken, int maxTokens) => problems
            .Select(problem => Make(problem, template, tokenizer, stopToken, learnsPrompts: false))
            .Where(rollout => rollout.Tokens.Length <= maxTokens);

    private static ScoredRollout Make(Problem problem, PromptTemplate template, Tokenizer tokenizer, int stopToken, bool learnsPrompts)
    {
        var prompt = template.PromptTokens(tokenizer, problem.Question);
        var text = template.Target(problem);
        int[] target = [.. template.TargetTokens(tokenizer, problem.Question, prompt, text), stopToken];
        var given = learnsPrompts ? 1 : prompt.Length;
        return new ScoredRollout
        {
            SampleId = problem.Id,
            Problem = problem,
            Tokens = [.. prompt, .. target],
            PromptLength = given,
            Roles = [.. Enumerable.Repeat(TokenRole.Sampled, prompt.Length + target.Length - given)],
            FinishReason = FinishReason.Stop,
            Text = text,
        };
    }
}
