using Reft.Training.Runs;

namespace Reft.Reporting.Data;

/// <summary>A run whose data is wanted.</summary>
/// <param name="Name">What the column <c>run</c> calls it: one name a run.</param>
/// <param name="Path">Its folder.</param>
internal sealed record DataRun(string Name, string Path)
{
    /// <summary>Its files.</summary>
    public RunFolder Files => new(Path);
}

/// <summary>The runs that a user names: folders of runs, and folders with runs somewhere below.</summary>
internal static class DataRuns
{
    private const int Depth = 4;

    /// <summary>Finds them, in the order of the paths and below one by name.</summary>
    /// <exception cref="InputException">A path is no folder, or has no run.</exception>
    public static IReadOnlyList<DataRun> Find(IReadOnlyList<string> paths)
    {
        var found = new List<DataRun>();
        foreach (var path in paths)
        {
            var some = In(path);
            if (some.Count == 0)
            {
                throw new InputException(
                    $"{OneLine.Of(path)}: {(Directory.Exists(path) ? "holds no run" : "no such folder")}; name the folder that a training run wrote, or one that has such folders in it");
            }

            found.AddRange(some);
        }

        return Named(found.DistinctBy(run => System.IO.Path.GetFullPath(run.Path)));
    }

    /// <summary>The runs in a folder: itself, or those below it; none where there is none yet.</summary>
    public static IReadOnlyList<DataRun> In(string path)
    {
        var root = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
        return IsRun(root)
            ? [new DataRun(System.IO.Path.GetFileName(root), path)]
            : [.. Below(root, Depth).Order(StringComparer.Ordinal).Select(run => new DataRun(
                System.IO.Path.GetRelativePath(root, run).Replace('\\', '/'), run))];
    }

    /// <summary>The runs, where two would have one name each with its path.</summary>
    public static IReadOnlyList<DataRun> Named(IEnumerable<DataRun> runs)
    {
        DataRun[] all = [.. runs];
        var counts = all.CountBy(run => run.Name).ToDictionary(StringComparer.Ordinal);
        return [.. all.Select(run => counts[run.Name] == 1 ? run : run with { Name = run.Path.Replace('\\', '/') })];
    }

    private static bool IsRun(string folder)
    {
        var files = new RunFolder(folder);
        return File.Exists(files.Metrics) || (File.Exists(files.Config) && File.Exists(files.Facts));
    }

    private static IEnumerable<string> Below(string folder, int depth)
    {
        if (depth == 0 || !Directory.Exists(folder))
        {
            yield break;
        }

        foreach (var child in Directory.GetDirectories(folder).Where(child => !System.IO.Path.GetFileName(child).StartsWith('.')))
        {
            if (IsRun(child))
            {
                yield return child;
            }
            else
            {
                foreach (var run in Below(child, depth - 1))
                {
                    yield return run;
                }
            }
        }
    }
}
