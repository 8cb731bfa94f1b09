namespace Reft.Configuration;

/// <summary>Which sections of a config only some methods read.</summary>
internal static class MethodSections
{
    private static readonly Dictionary<string, string[]> _readers = new(StringComparer.Ordinal)
    {
        ["rollouts"] = ["reft", "online-self-training"],
        ["reward"] = ["reft", "online-self-training"],
        ["ppo"] = ["reft"],
        ["selfTraining"] = ["online-self-training"],
        ["rewardModel"] = ["outcome-reward"],
        ["crossEntropy"] = ["pretrain", "sft"],
    };

    /// <summary>The sections that a method does not read.</summary>
    public static IReadOnlyList<string> UnreadBy(string method) =>
        [.. _readers.Where(pair => !pair.Value.Contains(method)).Select(pair => pair.Key)];

    /// <summary>The methods that read a section.</summary>
    public static IReadOnlyList<string> ReadersOf(string section) => _readers[section];
}
