namespace Reft.Supervision;

/// <summary>Marks a text that may be empty and have several lines; the other texts of a config are one line and say something.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class FreeTextAttribute : Attribute;
