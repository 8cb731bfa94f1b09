using Reft.Configuration.Checks;

namespace Reft.Configuration;

/// <summary>Where every value of a config came from.</summary>
internal sealed class Provenance
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
public sealed record LoadedConfig
{
    /// <summary>A config that was made in C#; it is checked like one that was read.</summary>
    /// <exception cref="InputException">Something in it is wrong; the message has a line for every error.</exception>
    public LoadedConfig(RunConfig config)
        : this(config, Provenance.None) => ConfigChecks.Require(config);

    internal LoadedConfig(RunConfig config, Provenance provenance) => (Config, Provenance) = (config, provenance);

    /// <summary>The config.</summary>
    public RunConfig Config { get; internal init; }

    /// <summary>Where its values came from; that of a config that was made in C# says nothing.</summary>
    internal Provenance Provenance { get; }
}
