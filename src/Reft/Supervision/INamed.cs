namespace Reft.Supervision;

/// <summary>
/// What a config names: a method, a format of files; or, as a word or by the key <c>type</c> with its options beside it, a record whose other
/// properties are the options. One with its defaults stands in the catalog.
/// </summary>
public interface INamed
{
    /// <summary>The name in configs, in camel case.</summary>
    string Name { get; }

    /// <summary>What it does, in a clause for help and docs.</summary>
    string Summary { get; }
}
