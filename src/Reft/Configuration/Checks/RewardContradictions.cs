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

        foreach (var twice in config.Reward.GroupBy(reward => reward.Name, StringComparer.Ordinal).Where(group => group.Count() > 1))
        {
            yield return new($"has {twice.Key} twice; give each reward once", "reward");
        }
    }
}
