using System.Globalization;

namespace Reft.Configuration.Binding;

/// <summary>The errors of a config, all of them; a config with any is refused.</summary>
internal sealed class ConfigErrors
{
    // Who gives a data file for a config is not helped by a line for each of its keys.
    private const int MostLines = 100;

    private readonly List<(int Stage, Origin Origin, string Path, string Message)> _errors = [];
    private readonly HashSet<string> _excused = new(StringComparer.Ordinal);
    private int _stage;

    /// <summary>Whether there is none.</summary>
    public bool IsEmpty => _errors.Count == 0;

    /// <summary>Adds one.</summary>
    /// <param name="origin">Where the cause was written.</param>
    /// <param name="path">What is wrong; the empty path is the whole config.</param>
    /// <param name="message">What about it, and the way out.</param>
    public void Add(Origin origin, string path, string message) => _errors.Add((_stage, origin, path, message));

    /// <summary>Covers a path that a misspelt key meant: its absence and its default are no errors of their own.</summary>
    public void Excuse(string path) => _excused.Add(path);

    /// <summary>Sorts what is added from here on behind everything before.</summary>
    public void NextStage() => _stage++;

    /// <summary>Whether nothing can be said of a path's value: it, or what it lies in, is wrong.</summary>
    public bool Cover(string path)
    {
        var covering = ConfigPath.SelfAndAncestors(path).Where(p => p.Length > 0).ToHashSet(StringComparer.Ordinal);
        return _excused.Overlaps(covering) || _errors.Any(error => covering.Contains(error.Path));
    }

    /// <summary>Throws if there is any error; the message has a line for each.</summary>
    public void ThrowIfAny()
    {
        if (IsEmpty)
        {
            return;
        }

        var lines = _errors.OrderBy(error => error.Stage).ThenBy(error => error.Origin.Order)
            .Select(error => $"{error.Origin.Label}: {(error.Path.Length == 0 ? "" : $"{error.Path}: ")}{error.Message}")
            .Distinct().ToArray();
        var more = lines.Length > MostLines
            ? [string.Create(CultureInfo.InvariantCulture, $"and {lines.Length - MostLines} more errors")]
            : Array.Empty<string>();
        throw new InputException(string.Join('\n', lines.Take(MostLines).Concat(more)));
    }
}
