using System.Globalization;

namespace Reft.Reporting;

/// <summary>A labelled value of a run's head.</summary>
internal sealed record RunFact(string Label, string Value);

/// <summary>What a run's head says of it: what was trained, where, when, with what command.</summary>
internal static class RunFacts
{
    /// <summary>The facts that the run states.</summary>
    public static IReadOnlyList<RunFact> Of(RunRecord run)
    {
        var info = run.Info;
        var best = run.Best;
        (string Label, string? Value)[] facts =
        [
            ("Method", run.Method),
            ("Model", Model(run.Config)),
            ("Steps", Steps(run)),
            ("Problems", Join(info, "train", "dev", "test")),
            ("Parameters", Parameters(info)),
            ("Seed", info.GetValueOrDefault("seed") ?? run.Config["seed"]),
            ("Machine", info.GetValueOrDefault("machine")),
            ("Started", Moment(info.GetValueOrDefault("start"))),
            ("Took", Duration(run.Clock)),
            ("Last step", run.State == "running" ? Moment(run.Clock.Last) : null),
            ("Best on dev", best.TryGetValue("step", out var step)
                ? $"step {step}, {best.GetValueOrDefault("checkpoint")}"
                : null),
            ("Weights at first", info.GetValueOrDefault("model")),
            ("Weights at the last dev evaluation", run.Evaluations.LastOrDefault(e => e.Set == "dev")?.Model),
            ("Reft", info.GetValueOrDefault("version")),
            ("Command", info.GetValueOrDefault("commandLine")),
        ];
        return
        [
            .. facts.Where(fact => !string.IsNullOrEmpty(fact.Value))
                .Select(fact => new RunFact(fact.Label, fact.Value!)), // It is not empty.
        ];
    }

    private static string Join(IReadOnlyDictionary<string, string> info, params string[] names) =>
        string.Join(", ", names.Where(info.ContainsKey).Select(name => $"{info[name]} {name}"));

    private static string? Parameters(IReadOnlyDictionary<string, string> info)
    {
        var all = Grouped(info.GetValueOrDefault("parameters"));
        var trained = Grouped(info.GetValueOrDefault("trainedParameters"));
        return all is null ? null : trained is null || trained == all ? all : $"{all}, {trained} trained";
    }

    private static string? Grouped(string? number) =>
        long.TryParse(number, CultureInfo.InvariantCulture, out var value)
            ? value.ToString("N0", CultureInfo.InvariantCulture)
            : null;

    private static string? Moment(string? time) =>
        DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, out var moment)
            ? moment.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture)
            : time;

    private static string? Model(RecordedConfig config)
    {
        if (config["model.path"] is { } path)
        {
            return path;
        }

        return config["model.fresh.width"] is { } width
            ? $"fresh, {config["model.fresh.layers"]} layers, width {width}"
            : config["model"];
    }

    private static string Steps(RunRecord run)
    {
        var metrics = run.Metrics;
        var steps = metrics.Steps.ToString("N0", CultureInfo.InvariantCulture);
        steps += Grouped(run.Status.GetValueOrDefault("of")) is { } of && of != steps ? $" of {of}" : "";
        var epochs = metrics.Figures.TryGetValue("epoch", out var curve) ? curve.Last : double.NaN;
        return double.IsFinite(epochs) ? FormattableString.Invariant($"{steps} ({epochs:0.##} epochs)") : steps;
    }

    private static string? Duration((string? First, string? Last) clock)
    {
        if (!DateTimeOffset.TryParse(clock.First, CultureInfo.InvariantCulture, out var first)
            || !DateTimeOffset.TryParse(clock.Last, CultureInfo.InvariantCulture, out var last)
            || last <= first)
        {
            return null;
        }

        var span = last - first;
        return span.TotalMinutes < 1 ? string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:F0} s")
            : span.TotalHours < 1 ? $"{span.Minutes} min {span.Seconds} s"
            : $"{(int)span.TotalHours} h {span.Minutes} min";
    }
}
