using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Reft.Configuration;
using Reft.Hosting.Training;
using Reft.Inputs;
using Reft.Planning;
using Reft.Runs;
using Reft.Runtime;
using Spectre.Console;

namespace Reft.Hosting.Verbs;

/// <summary><c>reft plan</c>: everything of a run but the training.</summary>
internal static class PlanVerb
{
    private const double Mebibyte = 1 << 20;

    private static readonly Argument<string> Config = new("config") { Description = "A run's YAML config." };

    private static readonly Option<string[]> Sets = new("--set")
    {
        Description = "Set a value over the file's; may be repeated.",
        DefaultValueFactory = _ => [],
    };

    private static readonly Option<string?> Device = DeviceOption.OverConfig();

    private static readonly Option<bool> Json = new("--json") { Description = "Print the plan as one JSON object." };

    public static Verb Verb { get; } = new(
        "plan",
        [
            "reft plan configs/small/svamp-reft-pcot.yaml", "reft plan my.yaml --set training.batchSize=64 --json",
            "reft plan my.yaml --ranks 64 --network 25Gb --plot ranks.svg",
        ],
        Create);

    private static Command Create(Terminal terminal)
    {
        var command = new Command(
            "plan", "Read a config and everything it names, try two steps, and say what the run would take. Nothing is written.")
        {
            Config, Sets, Device, Json,
        };
        foreach (var option in RankPlan.Options)
        {
            command.Add(option);
        }

        command.SetAction((parsed, cancellation) => Task.FromResult(Run(parsed, terminal, cancellation)));
        return command;
    }

    private static int Run(ParseResult parsed, Terminal terminal, CancellationToken cancellation)
    {
        var ranks = RankPlan.IsAsked(parsed);
        var loaded = ConfigFile.Load(
            parsed.GetRequiredValue(Config),
            [
                .. parsed.GetRequiredValue(Sets), .. DeviceOption.Settings(parsed.GetValue(Device)),
                .. ranks ? ["training.microBatchesAtOnce=1"] : Array.Empty<string>(), // As a rank computes.
            ],
            terminal.Catalog);
        ModelFolder.Fetch(loaded.Config, terminal, cancellation);
        NativeRuntime.Ensure();
        using var run = TrainingRun.Prepare(loaded, new PlainView(terminal, double.PositiveInfinity, notes: false), TimeProvider.System);
        var forecast = ranks ? RankPlan.Add(run.Forecast(), parsed) : run.Forecast();
        if (parsed.GetValue(Json))
        {
            terminal.Out.WriteLine(JsonSerializer.Serialize(forecast, RunJson.Indented));
        }
        else
        {
            Print(terminal.Ansi, run, forecast);
            if (ranks)
            {
                RankPlan.Print(terminal.Ansi, forecast, parsed);
            }
        }

        return App.Done;
    }

    private static void Print(IAnsiConsole console, TrainingRun run, RunForecast forecast)
    {
        console.WriteLine(StepText.Opening(run));
        console.WriteLine(Text($"Problems: {forecast.Problems[0]} train, {forecast.Problems[1]} dev, {forecast.Problems[2]} test; every known answer can be read."));
        console.WriteLine($"Texts: {forecast.Prompt}.");
        foreach (var note in forecast.Notes)
        {
            console.WriteLine($"Note: {note}.");
        }

        var lengths = new Table().AddColumns("tokens", "mean", "50%", "95%", "99%", "most", "limit", "over");
        foreach (var row in forecast.Lengths.Where(l => l.Lengths.Count > 0))
        {
            lengths.AddRow(
                row.Name, Text($"{row.Lengths.Average():F0}"), Text($"{row.Quantile(0.5)}"), Text($"{row.Quantile(0.95)}"),
                Text($"{row.Quantile(0.99)}"), Text($"{row.Lengths[^1]}"), Text($"{row.Limit}"), Text($"{row.Over}"));
        }

        console.Write(lengths);
        foreach (var row in forecast.Lengths.Where(l => l.Lengths.Count > 0))
        {
            Histogram(console, row);
        }

        var memory = new Table().AddColumns("memory", "MiB");
        foreach (var part in forecast.Memory.Where(m => m.Bytes > 0))
        {
            memory.AddRow(part.Part, Text($"{part.Bytes / Mebibyte:F1}"));
        }

        memory.AddRow("together, without logits", Text($"{forecast.Bytes / Mebibyte:F1}"));
        console.Write(memory);
        console.WriteLine(Text(
            $"{forecast.Steps} steps ({forecast.Steps / (double)forecast.StepsPerEpoch:F1} epochs of {forecast.StepsPerEpoch}; ")
            + Text($"the rate is scheduled for {forecast.ScheduledSteps}), {forecast.Updates} optimizer steps, {forecast.Evaluations} evaluations."));
        console.WriteLine(Text(
            $"A step took {forecast.SecondsPerStep:F2} s; all of them take about {Pace.Span(TimeSpan.FromSeconds(forecast.Seconds))}, evaluations not counted."));
    }

    private static void Histogram(IAnsiConsole console, LengthForecast lengths)
    {
        const int Bins = 8;
        const int Width = 40;
        var size = Math.Max(1, (lengths.Lengths[^1] + Bins) / Bins);
        var counts = Enumerable.Range(0, Bins).Select(b => lengths.Lengths.Count(l => l / size == b)).ToArray();
        console.WriteLine($"{lengths.Name}:");
        foreach (var (count, bin) in counts.Select((count, bin) => (count, bin)))
        {
            var bar = new string('█', (int)Math.Ceiling((double)Width * count / counts.Max()));
            console.WriteLine(Text($"  {bin * size,5} to {((bin + 1) * size) - 1,5}  {bar} {count}"));
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
