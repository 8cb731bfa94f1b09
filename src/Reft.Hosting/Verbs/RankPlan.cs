using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Series;
using Reft.Hosting.Plots;
using Reft.Inputs;
using Reft.Planning;
using Spectre.Console;

namespace Reft.Hosting.Verbs;

/// <summary>What <c>reft plan --ranks</c> asks and shows: a step of several ranks.</summary>
internal static partial class RankPlan
{
    private const double Micro = 1e-6;
    private const double Mebibyte = 1 << 20;
    private const double Gibibyte = 1 << 30;

    private static readonly Option<int?> Ranks = new("--ranks") { Description = "Also say what a step would take on up to so many ranks (docs/ranks.md)." };

    private static readonly Option<string> Network = new("--network")
    {
        Description = "What a machine sends in a second: 25Gb (bits), 3GB (bytes).",
        DefaultValueFactory = _ => "25Gb",
    };

    private static readonly Option<double> Latency = new("--latency")
    {
        Description = "Microseconds from a machine to another.",
        DefaultValueFactory = _ => 20,
    };

    private static readonly Option<int> PerNode = new("--ranks-per-node")
    {
        Description = "Ranks on a machine, which share its cores and its network.",
        DefaultValueFactory = _ => 1,
    };

    private static readonly Option<string?> Parameters = new("--parameters")
    {
        Description = "As if the model had so many weights (8B, 500M): computing and messages grow in proportion.",
    };

    private static readonly Option<string?> Step = new("--step")
    {
        Description = "Take a step's costs from this file, the 'step' of a plan's --json on another machine, instead of this one's.",
    };

    private static readonly Option<string?> Plot = new("--plot") { Description = "Draw a step's time and its parts by ranks into an SVG file." };

    public static IReadOnlyList<Option> Options { get; } = [Ranks, Network, Latency, PerNode, Parameters, Step, Plot];

    /// <summary>Whether ranks are asked for; their options without them are an error.</summary>
    public static bool IsAsked(ParseResult parsed)
    {
        if (parsed.GetValue(Ranks) is not null)
        {
            return true;
        }

        var stray = Options.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false });
        return stray is null ? false : throw new InputException($"{stray.Name} says nothing without --ranks");
    }

    /// <summary>Forecasts 1, 2, 4, … ranks, and as many as were asked for.</summary>
    public static RunForecast Add(RunForecast forecast, ParseResult parsed)
    {
        var most = AtLeastOne(parsed, Ranks, parsed.GetValue(Ranks)!.Value); // It was asked for.
        var link = new RankLink
        {
            BytesPerSecond = Speed(parsed.GetValue(Network)!), // It has a default.
            LatencySeconds = parsed.GetValue(Latency) is >= 0 and var micro ? Micro * micro : throw new InputException("--latency is below 0"),
            RanksPerNode = AtLeastOne(parsed, PerNode, parsed.GetValue(PerNode)),
        };
        var measured = parsed.GetValue(Step) is { } path ? Read(path) : forecast.Step;
        var cost = parsed.GetValue(Parameters) is { } text ? measured.Of(Count(text)) : measured;
        int[] sizes = [.. Enumerable.Range(0, 31).Select(power => 1 << power).TakeWhile(size => size < most), most];
        return forecast with { Step = cost, Ranks = [.. sizes.Select(size => RankForecast.Of(cost, link, size))] };
    }

    /// <summary>Shows them, and draws them where that was asked for.</summary>
    public static void Print(IAnsiConsole console, RunForecast forecast, ParseResult parsed)
    {
        var most = forecast.Ranks.Max(step => Math.Max(step.SentBytes, step.StateBytes));
        var (unit, bytes) = most < Gibibyte * 10 ? ("MiB", Mebibyte) : ("GiB", Gibibyte);
        var table = new Table { Border = TableBorder.Minimal }.AddColumns("ranks", "step", "faster", "roll", "prep", "losses", "optim", "send", "sent", "state");
        foreach (var step in forecast.Ranks)
        {
            double[] figures =
            [
                step.Seconds, forecast.Ranks[0].Seconds / step.Seconds, step.Rollout, step.Prepare, step.Losses, step.Optimizer, step.Messages, step.SentBytes / bytes,
                step.StateBytes / bytes,
            ];
            table.AddRow([$"{step.Ranks}", .. figures.Select(Figure)]);
        }

        console.WriteLine();
        console.WriteLine(Text($"A step by ranks, {parsed.GetValue(PerNode)} on a machine, over {parsed.GetValue(Network)} a second")
            + (parsed.GetValue(Parameters) is { } size ? $", of a model of {size} weights" : "")
            + $": seconds, and how many times as fast as one; seconds of rollouts, preparation, losses, optimizer, messages; {unit} that a rank sends, and {unit} of its weights, gradients and optimizer.");
        console.Write(table);
        var micros = forecast.Step.Updates.Count == 0 ? 0 : forecast.Step.Updates.Max(update => update.Length);
        if (micros < forecast.Ranks[^1].Ranks)
        {
            console.WriteLine($"An optimizer step has {micros} micro-batches: more ranks have none of their own. Smaller ones (training.microBatchTokens) or larger steps keep more busy.");
        }

        console.WriteLine(
            (parsed.GetValue(Step) is { } from ? $"From the figures in {from}" : "From the two steps that were tried here")
            + ", shared out as ranks do; docs/ranks.md says how far off it was.");
        if (parsed.GetValue(Plot) is { } path)
        {
            File.WriteAllText(path, Svg(forecast.Ranks));
            console.WriteLine($"Drawn: {path}");
        }
    }

    private static StepCost Read(string path)
    {
        try
        {
            var file = JsonNode.Parse(File.ReadAllText(path));
            return (file?["step"] ?? file).Deserialize<StepCost>(RunJson.Indented) ?? throw new InputException($"{path}: holds no step");
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new InputException($"--step: {OneLine.Of(error.Message, 200)}");
        }
    }

    /// <summary>The parts of a step by ranks, on two axes whose steps are doublings.</summary>
    private static string Svg(IReadOnlyList<RankStep> steps)
    {
        var plot = PlotStyle.Model();
        plot.Axes.Add(new LogarithmicAxis
        {
            Position = AxisPosition.Bottom,
            Base = 2,
            Title = "ranks",
            MinorTickSize = 0,
            LabelFormatter = value => value.ToString("0", CultureInfo.InvariantCulture),
        });
        plot.Axes.Add(new LogarithmicAxis
        {
            Position = AxisPosition.Left,
            Title = "seconds of a step",
            MinorTickSize = 0,
            MajorGridlineStyle = LineStyle.Solid,
            MajorGridlineColor = OxyColor.Parse("#e4e4e4"),
            LabelFormatter = value => value.ToString("G3", CultureInfo.InvariantCulture),
        });
        (string Title, Func<RankStep, double> Of)[] parts =
        [
            ("all", step => step.Seconds), ("rollouts", step => step.Rollout), ("prepare", step => step.Prepare), ("losses", step => step.Losses),
            ("optimizer", step => step.Optimizer), ("messages", step => step.Messages), ("one rank, divided", step => steps[0].Seconds / step.Ranks),
        ];
        var least = steps.Min(step => step.Seconds) / 100; // What is smaller is nothing to look at.
        foreach (var ((title, of), i) in parts.Select((part, i) => (part, i)))
        {
            var line = new LineSeries
            {
                Title = title,
                Color = PlotStyle.Colors[i],
                StrokeThickness = i == 0 ? 2.5 : 1.5,
                LineStyle = i == parts.Length - 1 ? LineStyle.Dash : LineStyle.Solid,
            };
            line.Points.AddRange(steps.Where(step => of(step) >= least).Select(step => new DataPoint(step.Ranks, of(step))));
            if (line.Points.Count > 0)
            {
                plot.Series.Add(line);
            }
        }

        const int Width = 720;
        const int Height = 380;
        return PlotStyle.Svg(plot, Width, Height);
    }

    /// <summary>Bytes a second of <c>25Gb</c> or <c>3GB</c>.</summary>
    internal static double Speed(string text)
    {
        var match = SpeedText().Match(text);
        var speed = match.Success ? double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) * Scale(match.Groups[2].Value) / (match.Groups[3].Value == "b" ? 8 : 1) : 0;
        return speed > 0 ? speed : throw new InputException($"--network is {OneLine.Quote(text)}: it must be a speed such as 25Gb, 400Gb (bits a second) or 3GB (bytes a second)");
    }

    /// <summary>Weights of <c>8B</c> or <c>500M</c>.</summary>
    internal static double Count(string text)
    {
        var match = CountText().Match(text);
        var count = match.Success ? double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) * Scale(match.Groups[2].Value.Replace('B', 'G')) : 0;
        return count > 0 ? count : throw new InputException($"--parameters is {OneLine.Quote(text)}: it must be a number of weights such as 8B or 500M");
    }

    private static double Scale(string prefix) => prefix switch { "K" => 1e3, "M" => 1e6, "G" => 1e9, "T" => 1e12, _ => 1 };

    private static int AtLeastOne(ParseResult parsed, Option option, int value) => value >= 1
        ? value
        : throw new InputException($"{option.Name} is {value}: it must be at least 1");

    private static string Figure(double value) => value switch
    {
        0 => "–",
        < 1 => Text($"{value:F3}"),
        < 10 => Text($"{value:F2}"),
        < 100 => Text($"{value:F1}"),
        _ => Text($"{value:F0}"),
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^(\d+(?:\.\d+)?)\s*([KMGT]?)([bB])(?:it|yte)?s?(?:/s|ps)?$", RegexOptions.CultureInvariant)]
    private static partial Regex SpeedText();

    [GeneratedRegex(@"^(\d+(?:\.\d+)?)([KMBT]?)$", RegexOptions.CultureInvariant)]
    private static partial Regex CountText();
}
