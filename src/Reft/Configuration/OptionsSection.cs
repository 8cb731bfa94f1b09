using Reft.Configuration.Binding;

namespace Reft.Configuration;

/// <summary>A section of a config that a method brings along: its key in YAML and the record that it fills.</summary>
/// <param name="Name">The key, such as <c>ppo</c>.</param>
/// <param name="Default">The record with its defaults.</param>
public sealed record OptionsSection(string Name, object Default)
{
    /// <summary>The record's type.</summary>
    public Type Type => Default.GetType();

    /// <summary>The key whose path ends with a name, written <c>kl.coefficient</c> or <c>klCoefficient</c>; null if there is none.</summary>
    internal string? Find(string name) => Paths(Type, Name).FirstOrDefault(path => Plain(path).EndsWith(Plain(name), StringComparison.Ordinal));

    private static string Plain(string path) => path.Replace(".", "", StringComparison.Ordinal).ToUpperInvariant();

    private static IEnumerable<string> Paths(Type record, string path) => ConfigKey.Of(record).SelectMany(key =>
        ConfigKey.IsRecord(key.Type) && key.Element is null
            ? Paths(key.Type, ConfigPath.Key(path, key.Name))
            : [ConfigPath.Key(path, key.Name)]);
}
