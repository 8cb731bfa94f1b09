using System.Text.Json.Nodes;
using Reft.Generation;
using Reft.Problems;
using Reft.Text;

namespace Reft.Rollouts;

/// <summary>Gold solutions as completions: what supervised fine-tuning imitates.</summary>
public sealed class GoldSolutions : IRolloutSource
{
    private readonly ScoredRollout[] _all;
    private readonly EpochOrder _order;

    /// <summary>Tokenizes every problem's solution.</summary>
    /// <param name="problems">Problems with solutions.</param>
    /// <param name="template">The texts.</param>
    /// <param name="tokenizer">Prompt and target are tokenised apart, as rollouts see them.</param>
    /// <param name="stopToken">Ends every target; it is learned.</param>
    /// <param name="maxTokens">The most tokens of a sequence.</param>
    /// <param name="batchSize">Sequences of a step.</param>
    /// <param name="seed">The seed of the order.</param>
    /// <param name="learnsPrompts">Whether every token but the first is learned, as in pre-training, not the target alone.</param>
    /// <exception cref="InputException">No sequence is short enough, or a problem has no solution.</exception>
    public GoldSolutions(
        IReadOnlyList<Problem> problems, PromptTemplate template, Tokenizer tokenizer, int stopToken, int maxTokens,
        int batchSize, ulong seed, bool learnsPrompts = false)
    {
        var all = problems.Select(p => Make(p, template, tokenizer, stopToken, learnsPrompts)).ToArray();
        _all = [.. all.Where(r => r.Tokens.Length <= maxTokens)];
        LeftOut = all.Length - _all.Length;
        if (_all.Length == 0)
        {
            throw new InputException(
                $"none of {all.Length} solutions fits into {maxTokens} tokens: allow longer sequences, or give problems");
        }

        _order = new EpochOrder(_all.Length, batchSize, seed);
    }

    /// <summary>Solutions that are too long and are not trained on; never cut in silence.</summary>
    public int LeftOut { get; }

    /// <summary>The sequences that are trained on.</summary>
    public IReadOnlyList<ScoredRollout> All => _all;

    /// <inheritdoc/>
    public long StepsPerEpoch => _order.StepsPerEpoch;

    /// <inheritdoc/>
    public IReadOnlyList<ScoredRollout> Collect(long step, CancellationToken cancellation) =>
        [.. _order.At(step).Select(i => _all[i])];

    /// <inheritdoc/>
    public JsonObject Save() => [];

    /// <inheritdoc/>
    public void Restore(JsonObject state)
    {
        // There is none.
    }

    private static ScoredRollout Make(Problem problem, PromptTemplate template, Tokenizer tokenizer, int stopToken, bool learnsPrompts)
    {
        var prompt = tokenizer.Encode(template.Prompt(problem.Question), addSpecialTokens: false);
        var text = template.Target(problem);
        int[] target = [.. tokenizer.Encode(text, addSpecialTokens: false), stopToken];
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
