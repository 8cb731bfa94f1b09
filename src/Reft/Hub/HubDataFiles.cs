using System.Globalization;
using System.Text.RegularExpressions;

namespace Reft.Hub;

/// <summary>Which files of a data set are a subset's split, told by their names as Hugging Face's <c>datasets</c> tells it.</summary>
internal static partial class HubDataFiles
{
    // In the order in which kinds are taken where a split has files of several.
    private static readonly string[] _kinds = [".parquet", ".jsonl", ".json", ".csv"];

    private static readonly Dictionary<string, string> _splits = new(StringComparer.OrdinalIgnoreCase)
    {
        ["train"] = "train",
        ["training"] = "train",
        ["dev"] = "validation",
        ["development"] = "validation",
        ["val"] = "validation",
        ["valid"] = "validation",
        ["validation"] = "validation",
        ["test"] = "test",
        ["testing"] = "test",
        ["eval"] = "test",
        ["evaluation"] = "test",
    };

    /// <summary>All data that an address names, whatever the split, and what says whose it is.</summary>
    /// <exception cref="InputException">Nothing lies there.</exception>
    public static IReadOnlyList<string> All(IEnumerable<string> paths, HubAddress address)
    {
        var all = paths.ToArray();
        var data = all.Where(path => KindOf(path) >= 0 && !path.StartsWith('.') && (path == address.Path || Begins(path, address.Path))).ToArray();
        return data.Length == 0
            ? throw new InputException($"{address}: no data lies there in files that Reft reads ({string.Join(", ", _kinds)})")
            : [.. data, .. all.Where(path => path is "README.md" or "LICENSE")];
    }

    /// <summary>The files of a split, in order.</summary>
    /// <param name="paths">All files of the repository.</param>
    /// <param name="address">What is asked for; its path is a file, a folder, or what the files' paths begin with.</param>
    /// <param name="split">Which split is meant where the address leaves it open.</param>
    /// <exception cref="InputException">None are, or several subsets could be meant.</exception>
    public static IReadOnlyList<string> Select(IEnumerable<string> paths, HubAddress address, string split)
    {
        var all = paths.Where(path => KindOf(path) >= 0 && !path.StartsWith('.')).Order(StringComparer.Ordinal).ToArray();
        if (all.Length == 0)
        {
            throw new InputException(
                $"{address}: holds no data in files that Reft reads ({string.Join(", ", _kinds)}); try the hub's own conversion, @refs/convert/parquet");
        }

        if (all.Contains(address.Path))
        {
            return [address.Path];
        }

        var there = all.Where(path => Begins(path, address.Path)).ToArray();
        there = there.Length > 0 ? OneSubset(there, address)
            : throw new InputException($"{address}: nothing lies there: the repository has {OneLine.List(all, 6)}");
        var splits = there.Select(SplitOf).Distinct().ToArray();
        if (splits is not [_])
        {
            there = splits.Contains(split) ? [.. there.Where(path => SplitOf(path) == split)] : throw new InputException(
                $"{address}: has no split {split}, but {string.Join(", ", splits.Select(one => one ?? "files of no split"))}; "
                + $"name what the files' paths begin with: {OneLine.List(there, 4)}");
        }

        var kind = there.Min(KindOf);
        return Whole([.. there.Where(path => KindOf(path) == kind)], address);
    }

    /// <summary>A path begins with another where that ends at a file, a folder or a word.</summary>
    private static bool Begins(string path, string start) => start.Length == 0
        || (path.StartsWith(start, StringComparison.Ordinal) && path.Length > start.Length && !char.IsLetterOrDigit(path[start.Length]));

    /// <summary>Files of one folder, or of folders that are splits of one.</summary>
    private static string[] OneSubset(string[] paths, HubAddress address)
    {
        var subsets = paths.GroupBy(SubsetOf).ToArray();
        return subsets is [_] ? paths
            : subsets.FirstOrDefault(one => one.Key.Split('/')[^1] is "default") is { } standard ? [.. standard]
            : subsets.FirstOrDefault(one => one.Key.Split('/')[^1] is "main") is { } main ? [.. main]
            : throw new InputException(
                $"{address}: has several subsets, {OneLine.List([.. subsets.Select(one => one.Key.Length == 0 ? "." : one.Key)], 8)}; name one behind the address");
    }

    private static string SubsetOf(string path)
    {
        var folders = path.Split('/')[..^1];
        return string.Join('/', folders is [.. var above, var last] && _splits.ContainsKey(last) ? above : folders);
    }

    /// <summary>The split that a path names: in the file's name, or in its folder's; null for none.</summary>
    private static string? SplitOf(string path)
    {
        var parts = path.Split('/');
        return Word(parts[^1]) ?? (parts.Length > 1 && _splits.TryGetValue(parts[^2], out var folder) ? folder : null);

        static string? Word(string name) => Words().Split(name).Select(word => _splits.GetValueOrDefault(word)).FirstOrDefault(split => split is not null);
    }

    private static int KindOf(string path) => Array.IndexOf(_kinds, Path.GetExtension(path).ToLowerInvariant());

    /// <summary>Refuses a split of which a part is missing: <c>train-00000-of-00002.parquet</c> alone.</summary>
    private static IReadOnlyList<string> Whole(IReadOnlyList<string> paths, HubAddress address)
    {
        foreach (var shards in paths.Select(path => Shard().Match(path)).Where(match => match.Success).GroupBy(match => match.Groups[1].Value + match.Groups[2].Value))
        {
            var count = int.Parse(shards.First().Groups[2].Value, CultureInfo.InvariantCulture);
            if (shards.Count() != count)
            {
                throw new InputException($"{address}: {shards.Count()} of the {count} files {shards.Key}* are there");
            }
        }

        return paths;
    }

    [GeneratedRegex(@"[^A-Za-z]+")]
    private static partial Regex Words();

    [GeneratedRegex(@"^(.*)-\d{5}-of-(\d{5})\.\w+$")]
    private static partial Regex Shard();
}
