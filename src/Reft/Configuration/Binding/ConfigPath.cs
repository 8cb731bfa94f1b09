using System.Globalization;
using System.Text.RegularExpressions;

namespace Reft.Configuration.Binding;

/// <summary>Paths into a config: <c>problems.train[0].file</c>; the config itself is the empty path.</summary>
internal static partial class ConfigPath
{
    /// <summary>A key below a path.</summary>
    public static string Key(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";

    /// <summary>An item of the list at a path.</summary>
    public static string Item(string path, int index) =>
        string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]");

    /// <summary>A path without the places in lists: <c>problems.train.file</c>.</summary>
    public static string Form(string path) => Place().Replace(path, "");

    /// <summary>The path itself, then what it lies in, from the inside out; the empty path last.</summary>
    public static IEnumerable<string> SelfAndAncestors(string path)
    {
        for (var end = path.Length; end > 0; end = path.AsSpan(0, end).LastIndexOfAny('.', '['))
        {
            yield return path[..end];
        }

        yield return "";
    }

    /// <summary>Whether a path is another or lies in it.</summary>
    public static bool IsWithin(string path, string other) => SelfAndAncestors(path).Contains(other);

    [GeneratedRegex(@"\[\d+\]")]
    private static partial Regex Place();
}
