using Reft.Configuration;

namespace Reft.Methods;

/// <summary>What a config can name. Whatever must know of it, from the reader of configs to the docs, asks here.</summary>
public sealed record Catalog
{
    /// <summary>What comes with Reft.</summary>
    public static Catalog Default { get; } = new()
    {
        Methods =
        [
            new ImitationMethod("pretrain", learnsPrompts: true),
            new ImitationMethod("sft", learnsPrompts: false),
            new ReftMethod(),
            new SelfTrainingMethod(),
            new OutcomeRewardMethod(),
        ],
    };

    /// <summary>The methods' names.</summary>
    public IReadOnlyList<string> MethodNames => [.. Methods.Select(method => method.Name)];

    /// <summary>The methods.</summary>
    internal IReadOnlyList<IMethod> Methods { get; init; } = [];

    /// <summary>The sections that the methods bring along; methods may share one.</summary>
    internal IEnumerable<OptionsSection> Sections => Methods.Select(method => method.Options).DistinctBy(section => section.Name);

    /// <summary>The method of a name; null if there is none.</summary>
    internal IMethod? Find(string name) => Methods.FirstOrDefault(method => method.Name == name);

    /// <summary>The method of a name.</summary>
    /// <exception cref="InputException">There is none.</exception>
    internal IMethod Of(string name) => Find(name)
        ?? throw new InputException($"method: there is no '{name}': Reft knows {string.Join(", ", MethodNames)}");
}
