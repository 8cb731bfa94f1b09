namespace Reft.Rollouts;

/// <summary>The samples of one problem, together.</summary>
internal static class RolloutGroups
{
    /// <summary>The problems whose samples are all worth the same.</summary>
    public static HashSet<string> Equal(IEnumerable<ScoredRollout> rollouts) =>
    [
        .. rollouts.GroupBy(r => r.Problem.Id, StringComparer.Ordinal)
            .Where(group => group.All(r => r.Reward == group.First().Reward)).Select(group => group.Key),
    ];
}
