namespace Reft.Configuration;

/// <summary>Marks a key, or a section with all its keys, that only those methods read which say so.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ByMethodAttribute : Attribute;
