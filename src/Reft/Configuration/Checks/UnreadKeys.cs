using System.Collections;
using System.Globalization;
using Reft.Configuration.Binding;
using Reft.Methods;

namespace Reft.Configuration.Checks;

/// <summary>What a config says and its method does not read.</summary>
internal static class UnreadKeys
{
    /// <summary>The keys and sections that not every method reads: those that some method names.</summary>
    public static IEnumerable<string> All(Catalog catalog) =>
        catalog.Methods.SelectMany(method => method.Reads.Append(method.Options.Name)).Distinct();

    /// <summary>The errors of a config, or that there is no such method.</summary>
    /// <param name="config">The config.</param>
    /// <param name="isGiven">Whether something was written, even if it is a default.</param>
    /// <param name="isOfRun">Whether it is the config of a run that was begun, and may hold keys that versions before let be.</param>
    public static IEnumerable<Contradiction> Of(RunConfig config, Func<string, bool> isGiven, bool isOfRun)
    {
        var catalog = config.Catalog;
        if (catalog.Find(config.Method) is null)
        {
            var names = string.Join(", ", catalog.MethodNames) + NearName.Ask(config.Method, catalog.MethodNames);
            return [new Contradiction($"is {OneLine.Quote(config.Method)}: it must be one of {names}", "method")];
        }

        // Single keys are told by their values: a config that was written in full gives them all.
        return All(catalog)
            .Where(path => !config.Reads(path) && (IsKey(path) ? !isOfRun && IsSet(config, path) : isGiven(path)))
            .Select(path => new Contradiction(
                $"is not read by method {config.Method}, only by {Readers(catalog, path)}; remove it", path, "method"));
    }

    // A longer list says less than its beginning: docs/configuration.md has it.
    private const int MostNames = 6;

    private static bool IsKey(string path) => path.Contains('.', StringComparison.Ordinal);

    private static string Readers(Catalog catalog, string path)
    {
        var names = catalog.Methods.Where(m => m.Options.Name == path || m.Reads.Contains(path)).Select(m => m.Name).ToArray();
        return names.Length < 2 ? string.Concat(names)
            : names.Length > MostNames ? string.Create(CultureInfo.InvariantCulture, $"{string.Join(", ", names[..2])} and {names.Length - 2} others")
            : $"{string.Join(", ", names[..^1])} and {names[^1]}";
    }

    private static bool IsSet(RunConfig config, string path)
    {
        var (section, key) = path.Split('.') is [var first, var second] ? (first, second) : throw new ArgumentException(path, nameof(path));
        var record = Value(config, section)!; // Sections with single keys are never absent.
        return Value(record, key) is var value && value is not IList { Count: 0 } && !Equals(value, Value(ConfigKey.Blank(record.GetType()), key));
    }

    private static object? Value(object record, string name) =>
        ConfigKey.Of(record.GetType()).Single(key => key.Name == name).Get(record);
}
