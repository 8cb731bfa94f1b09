namespace Reft.Composition;

/// <summary>The methods that a config can name.</summary>
public static class Methods
{
    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } = ["pretrain", "sft", "reft"];
}
