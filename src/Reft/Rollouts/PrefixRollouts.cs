using System.Text.Json.Nodes;
using Reft.Numerics;
using Reft.Problems;

namespace Reft.Rollouts;

/// <summary>
/// The first tokens of the policy's samples, as sequences to imitate under a prompt that asks for a beginning alone, and some samples whole
/// under their own prompt (UPFT, <see href="https://arxiv.org/abs/2503.02875"/>). In the paper a prefix ends in the stop token, in the place of its last
/// token, so that the model learns to stop there where a beginning is asked for, and only there. Without a filter no token after a prefix is drawn.
/// </summary>
/// <param name="rollouts">Draws from the policy, under the usual prompts.</param>
/// <param name="prefixTokens">Tokens of a prefix, its stop token counted.</param>
/// <param name="fullShare">The share of problems whose samples are whole.</param>
/// <param name="instruction">Follows the question in a prefix's prompt.</param>
/// <param name="endsPrefix">Whether the stop token takes the place of a prefix's last token.</param>
/// <param name="keepsVerdicts">Whether prefixes are of whole samples, and have their verdicts.</param>
internal sealed class PrefixRollouts(
    PolicyRollouts rollouts, int prefixTokens, double fullShare, string instruction, bool endsPrefix, bool keepsVerdicts) : IRolloutSource
{
    // Names the draw of which problems are learned whole.
    private const ulong WholeSalt = 0x0F_1E57;

    /// <inheritdoc/>
    public long StepsPerEpoch => rollouts.StepsPerEpoch;

    /// <inheritdoc/>
    public IReadOnlyList<ScoredRollout> Collect(long step, CancellationToken cancellation)
    {
        var (options, problems) = (rollouts.Options, rollouts.ProblemsAt(step));
        var sampling = options.Sampling;
        var whole = Draw([.. problems.Where(IsWhole)], sampling);
        var begun = Draw(
            [.. problems.Where(problem => !IsWhole(problem))],
            keepsVerdicts ? sampling : sampling with { MaxTokens = Math.Min(sampling.MaxTokens, prefixTokens) });
        rollouts.Observe([.. whole, .. begun]);
        return [.. whole, .. begun.Select(rollout => Prefix(rollout, step))];

        IReadOnlyList<ScoredRollout> Draw(IReadOnlyList<Problem> of, Generation.SamplingOptions how) => of.Count == 0
            ? []
            : rollouts.Draw(of, step, how, options.SamplesPerProblem, cancellation);
    }

    /// <inheritdoc/>
    public JsonObject Save() => rollouts.Save();

    /// <inheritdoc/>
    public void Restore(JsonObject state) => rollouts.Restore(state);

    /// <summary>A problem whose beginning alone is asked for.</summary>
    internal static Problem Asked(Problem problem, string instruction) =>
        problem with { Question = $"{problem.Question.TrimEnd()} {instruction}" };

    /// <summary>By a problem's id: it is learned whole in every epoch, or in none.</summary>
    private bool IsWhole(Problem problem) =>
        CounterRandom.ToUnit(CounterRandom.Hash(CounterRandom.Hash(rollouts.Options.Seed, WholeSalt), problem.Id)) < fullShare;

    private ScoredRollout Prefix(ScoredRollout rollout, long step)
    {
        var start = rollouts.StartOf(Asked(rollout.Problem, instruction), step);
        var hint = rollout.Roles.Count(role => role == TokenRole.Hint);
        var response = rollout.Tokens.AsSpan(rollout.PromptLength);
        // The longer prompt may leave less room than the sample had.
        int[] kept = [.. response[..Math.Min(response.Length, Math.Min(hint + prefixTokens, rollouts.Context - start.PromptTokens.Length))]];
        kept[^1] = endsPrefix ? rollouts.Options.Sampling.StopTokens[0] : kept[^1];
        return rollout with
        {
            Tokens = [.. start.PromptTokens, .. kept],
            PromptLength = start.PromptTokens.Length,
            Roles = rollout.Roles[..kept.Length],
            LogProbs = [], // Under this prompt nobody drew it.
            Verdict = keepsVerdicts ? rollout.Verdict : null,
            Reward = keepsVerdicts ? rollout.Reward : 0,
            RewardParts = keepsVerdicts ? rollout.RewardParts : [],
        };
    }
}
