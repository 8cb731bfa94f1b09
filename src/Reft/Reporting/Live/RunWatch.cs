using System.Diagnostics;
using System.Globalization;
using Reft.Evaluation;
using Reft.Reporting.Data;
using Reft.Training.Runs;

namespace Reft.Reporting.Live;

/// <summary>
/// Looks at runs while they are written, by their files alone. A run is read anew when its files have changed, and the seldomer the longer that
/// takes, so that watching never costs more than a small part of a core. Any thread may call it.
/// </summary>
/// <param name="paths">Runs, and folders in which runs lie or will appear.</param>
internal sealed class RunWatch(IReadOnlyList<string> paths)
{
    /// <summary>How many times as long as reading took a run is then left alone.</summary>
    private const int Rest = 20;

    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(500);

    // Many runs at once: fewer points of each than in its own page.
    private static readonly ReportLimits _limits = new() { CurvePoints = 150 };

    private readonly Lock _gate = new();
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Dictionary<string, Seen> _seen = new(StringComparer.Ordinal);
    private IReadOnlyList<RunHead> _heads = [];
    private IReadOnlyDictionary<string, string> _folders = new Dictionary<string, string>();
    private TimeSpan _next;

    /// <summary>How all runs stand, in the order of the paths.</summary>
    public IReadOnlyList<RunHead> Look()
    {
        lock (_gate)
        {
            if (_clock.Elapsed < _next)
            {
                return _heads;
            }

            var runs = DataRuns.Named(paths.SelectMany(path => DataRuns.In(path)).DistinctBy(run => Path.GetFullPath(run.Path)));
            _heads = [.. runs.Select(Look)];
            _folders = runs.ToDictionary(run => run.Name, run => run.Path);
            _next = _clock.Elapsed + _pause;
            return _heads;
        }
    }

    /// <summary>The folder of a run that is watched; null if none has the name.</summary>
    public string? FolderOf(string name)
    {
        Look();
        lock (_gate)
        {
            return _folders.GetValueOrDefault(name);
        }
    }

    private RunHead Look(DataRun run)
    {
        var seen = _seen.GetValueOrDefault(run.Path);
        var stamp = StampOf(run.Files);
        if (seen is not null && seen.Head.Name == run.Name && (seen.Head.Stamp == stamp || _clock.Elapsed < seen.Next))
        {
            return seen.Head;
        }

        var began = _clock.Elapsed;
        seen ??= _seen[run.Path] = new Seen { Head = new RunHead { Name = run.Name, Stamp = "", State = "unknown" } };
        try
        {
            seen.Head = Read(run, stamp, seen);
        }
        catch (InputException)
        {
            // A file that is being replaced, or a folder that went away; looked at again.
        }

        seen.Next = _clock.Elapsed + ((_clock.Elapsed - began) * Rest);
        return seen.Head;
    }

    private static RunHead Read(DataRun run, string stamp, Seen seen)
    {
        var (files, notes) = (run.Files, new List<string>());
        var facts = RunReader.ReadFlat(files.Facts, notes);
        var status = RunReader.ReadFlat(files.Status, notes);
        var metrics = Curves.Read(files.Metrics, _limits, notes);
        var timings = Curves.Read(files.Timings, _limits with { CurveNames = _limits.TimingNames }, notes);
        var rows = Evaluations(files, seen);
        var state = StateOf(files, status.GetValueOrDefault("state"));
        var before = seen.Head;
        var wentOn = before is { Stamp.Length: > 0, State: not ("running" or "unknown") } && state == "running" ? metrics.Steps : before.WentOnFrom;
        return new RunHead
        {
            Name = run.Name,
            Stamp = stamp,
            State = state,
            Why = status.GetValueOrDefault("reason") is { Length: > 0 } reason ? reason : null,
            Method = facts.GetValueOrDefault("method"),
            Steps = metrics.Steps,
            Of = long.TryParse(status.GetValueOrDefault("of"), CultureInfo.InvariantCulture, out var of) ? of : null,
            WentOnFrom = wentOn,
            At = RunReader.ReadClock(files.Timings).Last,
            Alarms = AlarmKind.Read(files.Alarms, notes).Sum(kind => kind.Count),
            Dev = [.. rows.Where(row => row.Set == "dev").OrderBy(row => row.Step).Select(row => new HeadPoint(row.Step, row.Greedy.Accuracy))],
            Test = rows.Where(row => row.Set == "test").MaxBy(row => row.Step)?.Greedy.Accuracy,
            Last = metrics.Figures.Concat(timings.Figures).Select(pair => (pair.Key, Value: LastOf(pair.Value))).Where(pair => double.IsFinite(pair.Value))
                .DistinctBy(pair => pair.Key).ToDictionary(pair => pair.Key, pair => pair.Value),
            Curves = [Of(metrics), Of(timings)],
        };

        static double LastOf(Curve curve)
        {
            var count = curve.Means.Count();
            return curve.Mean(count - Math.Max(1, count / 10), count);
        }

        static HeadCurves Of(Curves curves) => new(
            curves.From, curves.Stride > 1 ? curves.To : null,
            curves.Figures.ToDictionary(pair => pair.Key, pair => (IReadOnlyList<double>)[.. pair.Value.Means]));
    }

    /// <summary>Evaluations do not change once they are written, so each is read once.</summary>
    private static EvaluationRow[] Evaluations(RunFolder files, Seen seen)
    {
        var there = Directory.Exists(files.Evaluations)
            ? Directory.GetFiles(files.Evaluations, "step-*.json").Where(path => Path.GetFileName(path).Count(c => c == '.') == 2).ToArray()
            : [];
        foreach (var gone in seen.Rows.Keys.Except(there).ToArray())
        {
            seen.Rows.Remove(gone);
        }

        foreach (var path in there)
        {
            var at = File.GetLastWriteTimeUtc(path);
            if (!seen.Rows.TryGetValue(path, out var row) || row.At != at)
            {
                try
                {
                    seen.Rows[path] = (at, EvaluationRow.Of(EvaluationFile.Read(path)));
                }
                catch (InputException)
                {
                    // Damaged; the run's own page says so.
                }
            }
        }

        return [.. seen.Rows.Values.Select(row => row.Row)];
    }

    /// <summary>Lengths and times of all files that a head is made of, and whether the process that writes is there.</summary>
    private static string StampOf(RunFolder files)
    {
        string[] parts =
        [
            .. new[] { files.Metrics, files.Timings, files.Alarms, files.Status, files.Best, files.Facts, files.TestLooks }.Select(path => new FileInfo(path))
                .Select(file => file.Exists ? FormattableString.Invariant($"{file.Length}-{file.LastWriteTimeUtc.Ticks}") : ""),
            Directory.Exists(files.Evaluations) ? FormattableString.Invariant($"{Directory.GetLastWriteTimeUtc(files.Evaluations).Ticks}") : "",
            IsWriterGone(files) ? "gone" : "",
        ];
        return string.Join(',', parts);
    }

    private static string StateOf(RunFolder files, string? said) => said switch
    {
        null => "unknown",
        "running" when IsWriterGone(files) => "crashed",
        _ => said,
    };

    /// <summary>
    /// Whether the process that holds the run's folder was of this machine and is no more. The lock itself is not tried: for that moment a process
    /// that wants it would be refused.
    /// </summary>
    private static bool IsWriterGone(RunFolder files)
    {
        try
        {
            var words = File.Exists(files.Lock + ".owner") ? File.ReadAllText(files.Lock + ".owner").Trim().Split(' ') : [];
            if (words is not ["process", { } id, .., { } machine] || machine != Environment.MachineName || !int.TryParse(id, CultureInfo.InvariantCulture, out var number))
            {
                return false;
            }

            using var process = Process.GetProcessById(number);
            return process.HasExited;
        }
        catch (ArgumentException)
        {
            return true; // There is no such process.
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    /// <summary>What is remembered of a run.</summary>
    private sealed class Seen
    {
        public required RunHead Head { get; set; }

        public TimeSpan Next { get; set; }

        public Dictionary<string, (DateTime At, EvaluationRow Row)> Rows { get; } = new(StringComparer.Ordinal);
    }
}
