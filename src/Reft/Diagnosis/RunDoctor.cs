using System.Globalization;
using System.Text.Json;
using Reft.Configuration;
using Reft.Methods;
using Reft.Training;
using Reft.Training.Runs;
using static System.FormattableString;

namespace Reft.Diagnosis;

/// <summary>Reads a run's folder, whatever state it is in, and says what happened and where it went wrong.</summary>
internal static class RunDoctor
{
    private const double SlowDown = 1.5;
    private const double LongerShare = 0.2;
    private const int QuarterSteps = 5;
    private static readonly string[] _phases = ["rollout", "prepare", "update"];

    /// <summary>Examines a run.</summary>
    /// <exception cref="InputException">The folder is not a run.</exception>
    /// <param name="folder">The run's folder.</param>
    /// <param name="catalog">What its config can name; null for what comes with Reft.</param>
    public static RunDiagnosis Examine(RunFolder folder, Catalog? catalog = null)
    {
        if (!folder.IsRun)
        {
            throw new InputException($"{OneLine.Of(folder.Path)}: is not a run (no config.yaml); name a run's folder");
        }

        var config = ConfigFile.Load(folder.Config, [], catalog, isOfRun: true).Config;
        var damage = new List<string>();
        var figures = Figures(folder, config, damage.Add);
        var alarms = Alarms(folder, damage.Add);
        var speed = Speed(folder, damage.Add);
        var standing = RunStanding.Read(folder, figures.Steps.Count > 0 ? figures.Steps[^1] : -1);
        DoctorFinding[] findings =
        [
            .. standing.Findings, .. Damage(damage, standing.State == "running"), .. Judge(figures, config.Knob, Metrics(config)), .. Slower(speed, figures),
        ];
        return new RunDiagnosis
        {
            Run = folder.Path,
            State = standing.State,
            Standing = standing.Words,
            Steps = figures.Steps.Count,
            Checkpoint = standing.Checkpoint,
            Speed = speed,
            Alarms = alarms,
            Findings = SampleFinder.Find(folder, [.. findings.OrderByDescending(f => f.Severity)]),
            Commands = Commands(folder, config, standing),
        };
    }

    /// <summary>What the figures of a run say.</summary>
    /// <param name="figures">The figures.</param>
    /// <param name="knob">What an option that a remedy names is called in the run's config; null for nothing.</param>
    /// <param name="metrics">What its method says of them; null for what any method of Reft's says.</param>
    internal static IReadOnlyList<DoctorFinding> Judge(
        RunFigures figures, Func<string, string?>? knob = null, IReadOnlyList<Metric>? metrics = null) => figures.Steps.Count == 0
        ? []
        : [.. RewardRules.Of(figures).Concat(PolicyRules.Of(figures, metrics ?? MethodMetrics.Of(Catalog.Default))).Select(f => f with { Remedy = Advice.For(f.Remedy, knob ?? (_ => null)) })];

    private static IReadOnlyList<Metric> Metrics(RunConfig config) =>
        config.Catalog.Find(config.Method) is { } method ? MethodMetrics.Of(method) : [];

    private static RunFigures Figures(RunFolder folder, RunConfig config, Action<string> damage)
    {
        var lines = JsonLineFile.Read(folder.Metrics, damage).ToArray();
        var names = lines.SelectMany(line => line.EnumerateObject().Select(p => p.Name)).Distinct();
        var columns = names.ToDictionary(
            name => name, name => lines.Select(line => JsonLineFile.Number(line, name)).ToArray(), StringComparer.Ordinal);
        long[] steps = [.. lines.Select(line => (long)JsonLineFile.Number(line, "step"))];
        return new RunFigures(steps, columns, Dev(folder, damage), config.Rollouts.MaxTokens);
    }

    private static KeyValuePair<long, double>[] Dev(RunFolder folder, Action<string> damage)
    {
        var found = new SortedDictionary<long, double>();
        var files = Directory.Exists(folder.Evaluations) ? Directory.GetFiles(folder.Evaluations, "*.dev.json") : [];
        foreach (var file in files)
        {
            try
            {
                using var document = JsonDocument.Parse(File.ReadAllText(file));
                var root = document.RootElement;
                found[root.GetProperty("step").GetInt64()] =
                    root.GetProperty("greedy").GetProperty("accuracy").GetProperty("value").GetDouble();
            }
            catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
            {
                damage($"evaluations/{Path.GetFileName(file)} cannot be read");
            }
        }

        return [.. found];
    }

    private static AlarmHistory[] Alarms(RunFolder folder, Action<string> damage) =>
    [
        .. JsonLineFile.Read(folder.Alarms, damage).GroupBy(line => JsonLineFile.Text(line, "id")).Select(group =>
        {
            var (steps, last) = (group.Select(line => (long)JsonLineFile.Number(line, "step")).ToArray(), group.Last());
            return new AlarmHistory(
                group.Key, steps.Length, steps[0], steps[^1], JsonLineFile.Number(last, "figure"),
                JsonLineFile.Number(last, "limit"),
                group.Any(line => line.TryGetProperty("stops", out var stops) && stops.ValueKind == JsonValueKind.True),
                JsonLineFile.Text(last, "meaning"), JsonLineFile.Text(last, "remedy"));
        }),
    ];

    private static RunSpeed? Speed(RunFolder folder, Action<string> damage)
    {
        var lines = JsonLineFile.Read(folder.Timings, damage).ToArray();
        if (lines.Length == 0)
        {
            return null;
        }

        var phases = _phases.ToDictionary(p => p, p => lines.Select(line => Seconds(line, p)).ToArray());
        double[] all = [.. lines.Select(line => _phases.Sum(p => Seconds(line, p)))];
        var total = Math.Max(all.Sum(), double.Epsilon);
        var quarter = Math.Max(1, all.Length / 4);
        return new RunSpeed(
            all.Length, all.Order().ElementAt(all.Length / 2), phases.ToDictionary(p => p.Key, p => p.Value.Sum() / total),
            all[..quarter].Average(), all[^quarter..].Average());

        static double Seconds(JsonElement line, string phase) =>
            JsonLineFile.Number(line, $"time/{phase}_s") is var seconds && double.IsFinite(seconds) ? seconds : 0;
    }

    private static IEnumerable<DoctorFinding> Slower(RunSpeed? speed, RunFigures figures)
    {
        if (speed is null || speed.Steps < 4 * QuarterSteps || speed.Late <= SlowDown * speed.Early)
        {
            yield break;
        }

        var length = figures.Trend("rollout/length_mean");
        var isLonger = length is { Rises: true } && length.Change > LongerShare * length.First;
        yield return new DoctorFinding(
            "slower", Severity.Notice,
            Invariant($"a step took {speed.Early:F2} s in the first quarter and {speed.Late:F2} s in the last"),
            isLonger ? "responses became longer, and steps with them" : "something else takes the machine's time",
            isLonger ? "look at rollout/length_mean" : "look at what else runs on it (top)")
        {
            From = figures.Steps.Count > 0 ? figures.Steps[0] : 0,
            To = figures.Steps.Count > 0 ? figures.Steps[^1] : 0,
        };
    }

    /// <summary>A run that is being written may be read in the middle of a line.</summary>
    private static IEnumerable<DoctorFinding> Damage(IReadOnlyList<string> damage, bool isRunning) =>
        damage.Count == 0 || isRunning
            ? []
            :
            [
                new DoctorFinding(
                    "files-cut", damage.All(d => d.EndsWith("of a line", StringComparison.Ordinal)) ? Severity.Warning : Severity.Fault,
                    string.Join("; ", damage.Take(5)) + (damage.Count > 5 ? Invariant($"; and {damage.Count - 5} more") : ""),
                    "the process ended while it wrote, or the files were changed later",
                    "--resume cuts the files back to the newest whole checkpoint"),
            ];

    private static string[] Commands(RunFolder folder, RunConfig config, RunStanding standing)
    {
        var path = folder.Path.Contains(' ', StringComparison.Ordinal) ? $"\"{folder.Path}\"" : folder.Path;
        var commands = new List<string>();
        if (standing.State is not ("running" or "finished"))
        {
            commands.Add($"reft train {path} --resume");
        }

        commands.Add($"reft report {path}");
        if (config.Catalog.Find(config.Method)?.Again(config) is not null)
        {
            commands.Add(string.Create(CultureInfo.InvariantCulture, $"reft replay {path} --verify"));
        }

        return [.. commands];
    }
}
