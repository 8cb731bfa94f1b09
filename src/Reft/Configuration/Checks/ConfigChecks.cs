using System.Collections;
using System.Text.RegularExpressions;
using Reft.Configuration.Binding;

namespace Reft.Configuration.Checks;

/// <summary>Checks a config that was bound: ranges first, then contradictions.</summary>
internal static partial class ConfigChecks
{
    /// <summary>Refuses a config that was made in C# and not read.</summary>
    /// <exception cref="InputException">Something in it is wrong; the message has a line for every error.</exception>
    public static void Require(RunConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        var errors = new ConfigErrors();
        var nowhere = new Origin("config", "config", 0);
        if (config.Catalog.Find(config.Method) is { } method && !method.Options.Type.IsInstanceOfType(config.MethodOptions))
        {
            errors.Add(nowhere, method.Options.Name, $"is a {config.MethodOptions?.GetType().Name}, but options of {method.Name} are a {method.Options.Type.Name}");
            errors.ThrowIfAny();
        }

        Check(config, new Dictionary<string, Origin>(StringComparer.Ordinal) { [""] = nowhere }, errors, isOfRun: false);
        errors.ThrowIfAny();
    }

    /// <summary>Adds every error, but for those that only follow from errors that are there already.</summary>
    /// <param name="config">The config; values with errors are at their defaults.</param>
    /// <param name="origins">Where everything that was given stands.</param>
    /// <param name="errors">Where errors are, and go.</param>
    /// <param name="isOfRun">Whether it is the config of a run that was begun.</param>
    public static void Check(RunConfig config, IReadOnlyDictionary<string, Origin> origins, ConfigErrors errors, bool isOfRun)
    {
        CheckRanges(config, origins, errors);
        errors.NextStage();
        IEnumerable<Contradiction>[] all =
        [
            UnreadKeys.Of(config, origins.ContainsKey, isOfRun), ModelContradictions.Of(config), ProblemContradictions.Of(config),
            TrainingContradictions.Of(config), RewardContradictions.Of(config), config.Catalog.Find(config.Method)?.Contradictions(config) ?? [],
        ];
        foreach (var found in all.SelectMany(some => some).Where(found => !found.Paths.Any(errors.Cover)).ToList())
        {
            errors.Add(Cause(found), found.Paths[0], found.Message);
        }

        // A setting that contradicts the file is the cause, wherever the error is told.
        Origin Cause(Contradiction found) => Place(found.Paths[0]) is { IsSetting: true } own
            ? own
            : found.Paths.Where(origins.ContainsKey).Select(path => origins[path]).LastOrDefault(origin => origin.IsSetting)
                ?? Place(found.Paths[0]);

        Origin Place(string path) => PlaceOf(path, origins);
    }

    /// <summary>Adds the values that are out of range, of a config of any kind.</summary>
    public static void CheckRanges(object config, IReadOnlyDictionary<string, Origin> origins, ConfigErrors errors)
    {
        foreach (var (path, message) in Ranges(config, "").Distinct().Where(range => !errors.Cover(range.Path)).ToList())
        {
            errors.Add(PlaceOf(path, origins), path, message);
        }
    }

    /// <summary>Where a value stands, or the innermost section around it that was given.</summary>
    public static Origin PlaceOf(string path, IReadOnlyDictionary<string, Origin> origins) =>
        origins[ConfigPath.SelfAndAncestors(path).First(origins.ContainsKey)];

    /// <summary>What the records' own <c>Validate</c> says, of a record and of every record in it.</summary>
    private static IEnumerable<(string Path, string Message)> Ranges(object record, string path)
    {
        var inner = ConfigKey.Of(record.GetType(), (record as RunConfig)?.Catalog).SelectMany(key => Inner(key, key.Get(record), path));
        return Whole.Own(record, path).Select(Part).Concat(inner);
    }

    private static IEnumerable<(string Path, string Message)> Inner(ConfigKey key, object? value, string path)
    {
        var child = ConfigPath.Key(path, key.Name);
        if (value is null || !(ConfigKey.IsRecord(key.Element ?? key.Type) || ConfigKey.IsNamed(key.Element ?? key.Type)))
        {
            return [];
        }

        object[] items = key.Element is null ? [value] : [.. ((IEnumerable)value).Cast<object>()];
        return items.SelectMany((item, i) => Ranges(item, key.Element is null ? child : key.ItemPath(child, items, i)));
    }

    /// <summary>Parts <c>ppo.epochs is 0: …</c> into the path and the rest.</summary>
    private static (string Path, string Message) Part(string line)
    {
        var path = PathForm().Match(line).Value;
        return (path, line[path.Length..].TrimStart(':', ' '));
    }

    [GeneratedRegex(@"^[\w.\[\]]+")]
    private static partial Regex PathForm();
}
