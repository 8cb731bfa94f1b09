using Reft.Rollouts;

namespace Reft.Configuration.Checks;

/// <summary>What a list of rewards cannot be: each is logged under its name.</summary>
internal static class RewardContradictions
{
    /// <summary>The contradictions of a config.</summary>
    public static IEnumerable<Contradiction> Of(RunConfig config)
    {
        if (config.Reward.Count == 0)
        {
            yield return new("is empty: it must hold at least one reward", "reward");
        }

        if (config.Reward.FirstOrDefault(reward => reward.ReadsKnownAnswer) is { } known
            && KnownAnswers.Frame((solution, answer) => config.Answers.Form.Completion(config.Answers.Style, solution, answer)) is null)
        {
            yield return new(
                $"has {known.Name}, which asks how likely the known answer is behind a sample's thinking, and answers of form {config.Answers.Form.Name} in style "
                + $"{config.Answers.Style.ToString().ToLowerInvariant()} are not apart from the solution", "reward");
        }

        foreach (var twice in config.Reward.GroupBy(reward => reward.Name, StringComparer.Ordinal).Where(group => group.Count() > 1))
        {
            yield return new($"has {twice.Key} twice; give each reward once", "reward");
        }
    }
}
