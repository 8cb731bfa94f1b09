namespace Reft.Configuration;

/// <summary>A section of a config that a method brings along: its key in YAML and the record that it fills.</summary>
/// <param name="Name">The key, such as <c>ppo</c>.</param>
/// <param name="Default">The record with its defaults.</param>
internal sealed record OptionsSection(string Name, object Default)
{
    /// <summary>The record's type.</summary>
    public Type Type => Default.GetType();
}
