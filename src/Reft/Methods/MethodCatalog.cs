namespace Reft.Methods;

/// <summary>The methods that a config can name.</summary>
public static class MethodCatalog
{
    private static readonly IMethod[] All =
    [
        new ImitationMethod("pretrain", learnsPrompts: true),
        new ImitationMethod("sft", learnsPrompts: false),
        new ReftMethod(),
        new SelfTrainingMethod(),
        new OutcomeRewardMethod(),
    ];

    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(method => method.Name)];

    /// <summary>The method of a name.</summary>
    internal static IMethod Of(string name) => Array.Find(All, method => method.Name == name)
        ?? throw new InputException($"method: there is no '{name}': Reft knows {string.Join(", ", Names)}");
}
