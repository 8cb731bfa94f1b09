using Reft.Methods;

namespace Reft.Configuration.Binding;

/// <summary>What to say of a key that is not known where it stands.</summary>
/// <param name="root">The record of a whole config.</param>
/// <param name="catalog">What it can name.</param>
internal sealed class UnknownKeys(Type root, Catalog catalog)
{
    private readonly Lazy<ILookup<string, string>> _sections = new(
        () => Walk(root, "", catalog).ToLookup(pair => pair.Key, pair => pair.Section, StringComparer.Ordinal));

    /// <summary>The key that a misspelt one probably means; null if none is near.</summary>
    public static string? Guess(string name, IReadOnlyList<ConfigKey> here) =>
        NearName.Of(name, here.Select(key => key.Name));

    /// <summary>The message, with the best guess at what was meant.</summary>
    /// <param name="name">The unknown key.</param>
    /// <param name="here">The keys that are known there.</param>
    public string Complain(string name, IReadOnlyList<ConfigKey> here)
    {
        var names = here.Select(key => key.Name).ToArray();
        var homes = _sections.Value[name].Distinct().Order(StringComparer.Ordinal).ToArray();
        var near = NearName.Ask(name, names);
        return (homes, near) switch
        {
            ([], "") => $"is not a key here; the keys here are {string.Join(", ", names)}",
            ([], _) => $"is not a key here{near}",
            ([""], _) => $"is not a key here; it belongs to the outermost level{near}",
            _ => $"is not a key here; it belongs under {string.Join(" or ", homes.Where(h => h.Length > 0))}{near}",
        };
    }

    /// <summary>Every key with the section that it belongs to.</summary>
    private static IEnumerable<(string Key, string Section)> Walk(Type record, string section, Catalog? catalog = null) =>
        ConfigKey.Of(record, catalog).SelectMany(key =>
        {
            var child = key.Element ?? key.Type;
            var own = ConfigPath.Key(section, key.Name);
            var inner = ConfigKey.IsRecord(child) ? Walk(child, own, catalog)
                : ConfigKey.IsNamed(child) && catalog is not null ? catalog.Of(child).SelectMany(one => Walk(one.GetType(), own, catalog))
                : [];
            return inner.Prepend((key.Name, section));
        });
}
