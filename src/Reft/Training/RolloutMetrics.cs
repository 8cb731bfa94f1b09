using Reft.Algorithms;
using Reft.Answers;
using Reft.Rollouts;
using Reft.Verification;

namespace Reft.Training;

/// <summary>Figures of a step's rollouts; the formulas are in docs/algorithm.md.</summary>
internal static class RolloutMetrics
{
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
        if (judged.All(r => r.Baseline is not null))
        {
            metrics.Set("reward/greedy_mean", judged.Average(r => r.Baseline!.Value)); // Just looked at.
        }

        foreach (var name in judged[0].RewardParts.Select(part => part.Name).DefaultIfEmpty("verdict"))
        {
            metrics.Set($"reward/{name}_mean", judged.Average(r => r.RewardParts.FirstOrDefault(part => part.Name == name)?.Worth ?? r.Reward));
        }

        foreach (var outcome in Enum.GetValues<Outcome>())
        {
            var name = outcome switch
            {
                Outcome.Correct => "correct",
                Outcome.Incorrect => "incorrect",
                Outcome.NoAnswer => "no_answer",
                Outcome.Timeout => "timeout",
                _ => "error",
            };
            metrics.Set($"verdict/{name}_share", judged.Average(r => r.Verdict!.Outcome == outcome ? 1.0 : 0));
        }
    }
}
