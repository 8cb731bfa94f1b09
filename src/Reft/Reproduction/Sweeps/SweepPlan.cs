using Reft.Configuration;
using Reft.Methods;

namespace Reft.Reproduction.Sweeps;

/// <summary>A key that is swept over.</summary>
/// <param name="Key">Its dotted path.</param>
/// <param name="Label">What tables and folders call it: its last word, or the whole where that would be another's too.</param>
/// <param name="Values">Its values, as they are written.</param>
internal sealed record SweepKey(string Key, string Label, IReadOnlyList<string> Values);

/// <summary>One choice of values.</summary>
/// <param name="Name">Its name: a folder.</param>
/// <param name="Values">A value for each key.</param>
/// <param name="Config">The config with them.</param>
internal sealed record SweepPoint(string Name, IReadOnlyList<string> Values, RunConfig Config);

/// <summary>A grid of settings over a config, and the seeds that each of them is trained with.</summary>
/// <param name="Folder">Where everything goes.</param>
/// <param name="Keys">The keys.</param>
/// <param name="Points">Every choice of values, the last key's changing first.</param>
/// <param name="Seeds">The seeds.</param>
internal sealed record SweepPlan(string Folder, IReadOnlyList<SweepKey> Keys, IReadOnlyList<SweepPoint> Points, IReadOnlyList<ulong> Seeds)
{
    private const int MostRuns = 10_000;
    private const int LongestName = 120;

    /// <summary>What is the sweep's own to set, and how it is asked for.</summary>
    private static readonly Dictionary<string, string> _own = new(StringComparer.Ordinal)
    {
        ["run"] = "each run gets a folder of its own; name the sweep's with --output",
        ["seed"] = "give the number of seeds with --seeds",
        ["problems.dev"] = "settings are compared on the same dev problems",
        ["problems.test"] = "settings are compared on the same problems",
    };

    /// <summary>Reads a sweep.</summary>
    /// <param name="path">The YAML file of <c>reft train</c>.</param>
    /// <param name="sets">Settings over it, in every run.</param>
    /// <param name="overs">The grid: <c>KEY=VALUE,VALUE</c> each.</param>
    /// <param name="seeds">How many seeds, from the config's on.</param>
    /// <param name="folder">Where everything goes; null for the config's run with <c>-sweep</c> behind.</param>
    /// <param name="catalog">What configs can name.</param>
    /// <exception cref="InputException">Something is wrong; the message has a line for every error.</exception>
    public static SweepPlan Load(string path, IReadOnlyList<string> sets, IReadOnlyList<string> overs, int seeds, string? folder, Catalog catalog)
    {
        var keys = ReadKeys(overs);
        var count = keys.Aggregate(1L, (product, key) => product * key.Values.Count) * seeds;
        if (count > MostRuns)
        {
            throw new InputException($"the sweep has {count} runs; it may have {MostRuns}");
        }

        var (faults, names, points) = (new List<string>(), new HashSet<string>(StringComparer.Ordinal), new List<SweepPoint>());
        foreach (var values in Grid(keys))
        {
            try
            {
                var config = ConfigFile.Load(path, [.. sets, .. keys.Zip(values, (key, value) => $"{key.Key}={value}")], catalog).Config;
                points.Add(new SweepPoint(Name(keys, values, names), values, config));
            }
            catch (InputException error)
            {
                faults.AddRange(error.Message.Split('\n'));
            }
        }

        if (faults.Count == 0)
        {
            faults.AddRange(points.SelectMany(point => Faults(point.Config, catalog)));
        }

        if (faults.Count > 0)
        {
            throw new InputException(string.Join('\n', faults.Distinct()));
        }

        var first = points[0].Config;
        return new SweepPlan(folder ?? first.Run + "-sweep", keys, points, [.. Enumerable.Range(0, seeds).Select(i => first.Seed + (ulong)i)]);
    }

    /// <summary>The run of a point and seed: without test problems, which nothing is chosen by.</summary>
    public RunConfig RunOf(SweepPoint point, ulong seed) => point.Config with
    {
        Run = Path.Combine(Folder, point.Name, FormattableString.Invariant($"seed-{seed}")),
        Seed = seed,
        Problems = point.Config.Problems with { Test = [] },
    };

    private static IEnumerable<string> Faults(RunConfig config, Catalog catalog)
    {
        if (catalog.Find(config.Method)?.Use is { } use)
        {
            yield return $"method {config.Method} cannot be swept over: {use}";
        }

        if (config.Problems.Dev.Count == 0)
        {
            yield return "problems.dev is absent: a sweep chooses by it";
        }

        if (config.Evaluation is { EverySteps: null, EveryEpochs: null })
        {
            yield return "evaluation.everySteps and evaluation.everyEpochs are absent: a sweep chooses by the evaluations on dev";
        }
    }

    private static SweepKey[] ReadKeys(IReadOnlyList<string> overs)
    {
        var read = overs.Select(Read).ToArray();
        if (read.GroupBy(key => key.Key).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new InputException($"--over {twice.Key}: is given twice; give all its values at once");
        }

        return [.. read.Select(key => read.Count(other => other.Label == key.Label) > 1 ? key with { Label = key.Key } : key)];
    }

    private static SweepKey Read(string over)
    {
        var at = over.IndexOf('=', StringComparison.Ordinal);
        string[] values = at < 1 ? [] : [.. Split(over[(at + 1)..])];
        if (values.Length == 0 || values.Contains(""))
        {
            throw new InputException($"--over {OneLine.Of(over)}: give a key and its values, such as optimizer.learningRate=1e-5,3e-5");
        }

        var key = over[..at].Trim();
        if (_own.FirstOrDefault(own => key == own.Key || key.StartsWith(own.Key + ".", StringComparison.Ordinal) || key.StartsWith(own.Key + "[", StringComparison.Ordinal)) is { Key: not null } own)
        {
            throw new InputException($"--over {OneLine.Of(key)}: {own.Value}");
        }

        return values.GroupBy(value => value).FirstOrDefault(group => group.Count() > 1) is { } twice
            ? throw new InputException($"--over {OneLine.Of(key)}: has {OneLine.Quote(twice.Key)} twice")
            : new SweepKey(key, key[(key.LastIndexOf('.') + 1)..], values);
    }

    /// <summary>The values of a list; commas in brackets and quotes are theirs.</summary>
    private static IEnumerable<string> Split(string list)
    {
        var (from, depth, quote) = (0, 0, '\0');
        for (var i = 0; i <= list.Length; i++)
        {
            var c = i < list.Length ? list[i] : ',';
            if (quote != '\0')
            {
                quote = c == quote ? '\0' : quote;
            }
            else if (c is '"' or '\'')
            {
                quote = c;
            }

            depth += quote != '\0' ? 0 : c is '[' or '{' ? 1 : c is ']' or '}' ? -1 : 0;
            if (i == list.Length || (c == ',' && depth == 0 && quote == '\0'))
            {
                yield return list[from..i].Trim();
                from = i + 1;
            }
        }
    }

    private static IEnumerable<string[]> Grid(IReadOnlyList<SweepKey> keys) => keys.Aggregate(
        (IEnumerable<string[]>)[[]], (grid, key) => grid.SelectMany(values => key.Values.Select(value => (string[])[.. values, value])));

    /// <summary>A folder's name that people can read; where two would be one, a number makes them two.</summary>
    private static string Name(IReadOnlyList<SweepKey> keys, IReadOnlyList<string> values, HashSet<string> taken)
    {
        var name = new string([.. string.Join(',', keys.Zip(values, (key, value) => $"{key.Label}={value}"))
            .Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '=' or ',' or '+' ? c : '-')]);
        name = keys.Count == 0 ? "as-is" : name.Length > LongestName ? name[..LongestName] : name;
        var unique = name;
        for (var i = 2; !taken.Add(unique); i++)
        {
            unique = FormattableString.Invariant($"{name}_{i}");
        }

        return unique;
    }
}
