using System.Globalization;

namespace Reft.Reporting;

/// <summary>A labelled value of a run's head.</summary>
internal sealed record RunFact(string Label, string Value);

/// <summary>What a run's head says of it: what was trained, where, when, with what command.</summary>
internal static class RunFacts
{
    /// <summary>The facts that the run states, the rest of run.json behind them.</summary>
    public static IReadOnlyList<RunFact> Of(RunRecord run)
    {
        var rest = new SortedDictionary<string, string>(
            run.Info.ToDictionary(pair => pair.Key, pair => pair.Value), StringComparer.Ordinal);
        var facts = new List<RunFact>();
        Add("Method", run.Method);
        rest.Remove("method");
        Add("Model", Model(run.Config));
        Add("Steps", Steps(run.Metrics));
        Add("Seed", run.Config["seed"]);
        Add("Machine", Take("machine"));
        Add("Started", Take("start"));
        Add("Took", Duration(run.Clock));
        Add("Last step at", run.State == "running" ? run.Clock.Last : null);
        Add("Weights", run.Evaluations.LastOrDefault(evaluation => evaluation.Set == "dev")?.Model);
        Add("Best on dev", string.Join(", ", run.Best.Where(pair => pair.Key != "format").Select(p => $"{p.Key} {p.Value}")));
        Add("Reft", Take("version"));
        Add("Command", Take("command"));
        rest.Remove("format");
        facts.AddRange(rest.Select(pair => new RunFact(pair.Key, pair.Value)));
        return facts;

        void Add(string label, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                facts.Add(new RunFact(label, value));
            }
        }

        // Whatever begins with the word: start, started, startedAt; machine.system, machine.cores.
        string? Take(string word)
        {
            var keys = rest.Keys.Where(key => key.StartsWith(word, StringComparison.OrdinalIgnoreCase)).ToArray();
            var value = string.Join(", ", keys.Select(key => rest[key]));
            foreach (var key in keys)
            {
                rest.Remove(key);
            }

            return value;
        }
    }

    private static string? Model(ConfigText config)
    {
        if (config["model.path"] is { } path)
        {
            return path;
        }

        return config["model.fresh.width"] is { } width
            ? $"fresh, {config["model.fresh.layers"]} layers, width {width}"
            : config["model"];
    }

    private static string Steps(Curves metrics)
    {
        var steps = metrics.Steps.ToString("N0", CultureInfo.InvariantCulture);
        var epochs = metrics.Figures.TryGetValue("epoch", out var curve) ? curve.Last : double.NaN;
        return double.IsFinite(epochs) ? string.Create(CultureInfo.InvariantCulture, $"{steps} ({epochs:0.##} epochs)") : steps;
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
