namespace Reft.Configuration;

/// <summary>
/// Marks a list of things that configs name: a section without <c>type</c> is a list of the one of this name, and such a list is written as
/// that section.
/// </summary>
/// <param name="name">The name.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class UnnamedAttribute(string name) : Attribute
{
    /// <summary>The name.</summary>
    public string Name { get; } = name;
}
