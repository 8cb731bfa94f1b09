namespace Reft.Configuration;

/// <summary>
/// Marks a thing that configs name, or a list of such: a section without <c>type</c> is the one of this name, or a list of it alone, and is
/// written so.
/// </summary>
/// <param name="name">The name.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class UnnamedAttribute(string name) : Attribute
{
    /// <summary>The name.</summary>
    public string Name { get; } = name;
}
