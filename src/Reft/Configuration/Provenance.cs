namespace Reft.Configuration;

/// <summary>Where every value of a config came from.</summary>
public sealed class Provenance
{
    private const string Default = "default";

    private readonly IReadOnlyDictionary<string, string> _origins;

    internal Provenance(IReadOnlyDictionary<string, string> origins) => _origins = origins;

    /// <summary>That of a config that was made without a file: every value is a default.</summary>
    public static Provenance None { get; } = new(new Dictionary<string, string>());

    /// <summary>Where a value came from.</summary>
    /// <param name="path">
    /// The value's path, such as <c>problems.train[0].file</c>; a list of plain values is one value.
    /// </param>
    /// <returns><c>default</c>, <c>FILE:LINE</c> or <c>--set</c>.</returns>
    public string Of(string path) => _origins.GetValueOrDefault(path, Default);
}

/// <summary>A config that was read, with the origin of each of its values.</summary>
/// <param name="Config">The config.</param>
/// <param name="Provenance">Where its values came from.</param>
public sealed record LoadedConfig(RunConfig Config, Provenance Provenance);
