namespace Reft.Configuration.Binding;

/// <summary>A piece of YAML that remembers where it was written.</summary>
internal abstract record ConfigNode(Origin Origin);

/// <summary>A single value.</summary>
/// <param name="Origin">Where it was written.</param>
/// <param name="Text">The value, its quotes resolved.</param>
/// <param name="Plain">Whether it has no quotes, so that it may be a number, a truth value or null.</param>
internal sealed record ScalarNode(Origin Origin, string Text, bool Plain) : ConfigNode(Origin)
{
    /// <summary>Whether it is null in YAML: nothing, <c>~</c> or <c>null</c>.</summary>
    public bool IsNull => Plain && Text is "" or "~" or "null" or "Null" or "NULL";
}

/// <summary>A list.</summary>
internal sealed record ListNode(Origin Origin, IReadOnlyList<ConfigNode> Items) : ConfigNode(Origin);

/// <summary>Keys with values; no key occurs twice.</summary>
internal sealed record MappingNode(Origin Origin, IReadOnlyList<ConfigEntry> Entries) : ConfigNode(Origin);

/// <summary>Something about which an error was already reported, such as an alias.</summary>
internal sealed record FaultyNode(Origin Origin) : ConfigNode(Origin);

/// <summary>One key of a mapping.</summary>
/// <param name="Key">The key.</param>
/// <param name="Origin">Where the key stands.</param>
/// <param name="Value">Its value.</param>
internal sealed record ConfigEntry(string Key, Origin Origin, ConfigNode Value);
