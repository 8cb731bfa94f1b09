using Reft.Algorithms;
using Reft.Answers;
using Reft.Rollouts;
using Reft.Verification;
using Reft.Verification.Rewards;

namespace Reft.Training;

/// <summary>Figures of a step's rollouts; the formulas are in docs/algorithm.md.</summary>
internal static class RolloutMetrics
{
    private static readonly (Outcome Outcome, string Name)[] _outcomes =
    [
        (Outcome.Correct, "correct"), (Outcome.Incorrect, "incorrect"), (Outcome.NoAnswer, "no_answer"), (Outcome.Timeout, "timeout"),
        (Outcome.Error, "error"),
    ];

    /// <summary>What is written of all rollouts.</summary>
    public static IReadOnlyList<Metric> OfAll { get; } =
    [
        new("rollout/sequences", "sequences of the step"), new("rollout/tokens", "tokens that the policy drew, or that are imitated"),
        new("rollout/length_mean", "mean tokens of a response"), new("rollout/length_max", "the most"),
        new("rollout/prompt_mean", "mean tokens of a prompt"),
    ];

    /// <summary>What is written besides of those that a verifier judged.</summary>
    public static IReadOnlyList<Metric> OfJudged { get; } =
    [
        new("reward/verdict_mean", "mean reward of the verdicts; with other rewards beside it, of its part"),
        new("reward/NAME_mean", "mean part of the reward of that name, where `reward` lists more than the verdict") { IsSometimes = true },
        new("reward/greedy_mean", "mean reward of the greedy completions that are the baselines") { IsSometimes = true },
        new("rollout/hint_mean", "mean tokens of the hint that a response starts with, in steps that have hints") { IsSometimes = true },
        new("rollout/first_answer_share", "where the first answer of a response that has `</answer>` ends, as a mean share of its text") { IsSometimes = true },
        new("rollout/agreeing_share", "share of samples whose thinking ends in the value that they answer, right or wrong; with the reward `consistency`")
        {
            IsSometimes = true,
        },
        new("rollout/truncated_share", "share of responses that ended at their length"),
        .. _outcomes.Select(outcome => new Metric(
            $"verdict/{outcome.Name}_share",
            outcome.Outcome == Outcome.Correct ? "share of samples with this verdict: strict accuracy" : "share of samples with this verdict")),
    ];

    public static void Measure(IReadOnlyList<ScoredRollout> rollouts, StepMetrics metrics)
    {
        metrics.Set("rollout/sequences", rollouts.Count);
        metrics.Set("rollout/tokens", rollouts.Sum(r => r.Roles.Count(role => role == TokenRole.Sampled)));
        metrics.Set("rollout/length_mean", rollouts.Average(r => r.ResponseLength));
        metrics.Set("rollout/length_max", rollouts.Max(r => r.ResponseLength));
        metrics.Set("rollout/prompt_mean", rollouts.Average(r => r.PromptLength));
        if (rollouts.Any(r => r.Roles.Contains(TokenRole.Hint)))
        {
            metrics.Set("rollout/hint_mean", rollouts.Average(r => r.Roles.Count(role => role == TokenRole.Hint)));
        }

        SamplerMetrics.Measure(rollouts, metrics);
        var answered = rollouts.Where(r => AnswerSegments.FirstAnswerEnd(r.Text) is not null).ToArray();
        if (answered.Length > 0)
        {
            metrics.Set("rollout/first_answer_share", answered.Average(r => (double)AnswerSegments.FirstAnswerEnd(r.Text)!.Value / r.Text.Length));
        }

        var judged = rollouts.Where(r => r.Verdict is not null).ToArray();
        if (judged.Length == 0)
        {
            return;
        }

        metrics.Set("rollout/truncated_share", judged.Average(r => r.IsTruncated ? 1.0 : 0));
        if (judged[0].RewardParts.Any(part => part.Name == ConsistencyReward.ConsistencyName))
        {
            metrics.Set("rollout/agreeing_share", judged.Average(r => ConsistencyReward.Agrees(r.Text, r.Verdict!.Answer) ? 1.0 : 0)); // It was judged.
        }

        if (judged.All(r => r.Baseline is not null))
        {
            metrics.Set("reward/greedy_mean", judged.Average(r => r.Baseline!.Value)); // Just looked at.
        }

        foreach (var name in judged[0].RewardParts.Select(part => part.Name).DefaultIfEmpty("verdict"))
        {
            metrics.Set($"reward/{name}_mean", judged.Average(r => r.RewardParts.FirstOrDefault(part => part.Name == name)?.Worth ?? r.Reward));
        }

        foreach (var (outcome, name) in _outcomes)
        {
            metrics.Set($"verdict/{name}_share", judged.Average(r => r.Verdict!.Outcome == outcome ? 1.0 : 0));
        }
    }
}
