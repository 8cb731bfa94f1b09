using System.CommandLine;
using Reft.Reporting;

namespace Reft.Hosting.Verbs;

/// <summary><c>reft report</c>: a training run as one HTML page.</summary>
internal static class ReportVerb
{
    public static Verb Verb { get; } = new(
        "report",
        [
            "reft report runs/first",
            "reft report runs/first --output first.html",
            "reft report runs/first --json",
        ],
        Create);

    private static Command Create(Terminal terminal)
    {
        var run = new Argument<string>("RUN") { Description = "A run's folder; the run may be in progress." };
        var output = new Option<string?>("--output")
        {
            Description = $"The file to write; {ReportPage.FileName} in the run's folder if not given.",
        };
        var json = new Option<bool>("--json")
        {
            Description = "Print the summary's figures as one JSON object and nothing else.",
        };
        var command = new Command("report", "Write a run's curves, completions and evaluations as one HTML page.")
        {
            run, output, json,
        };
        command.SetAction(parsed => Run(
            terminal, parsed.GetRequiredValue(run), parsed.GetValue(output), parsed.GetValue(json)));
        return command;
    }

    private static int Run(Terminal terminal, string run, string? output, bool json)
    {
        var path = output ?? Path.Combine(run, ReportPage.FileName);
        var summary = ReportPage.Write(run, path, terminal.Catalog);
        if (json)
        {
            terminal.Out.WriteLine(summary.ToJson());
            return App.Done;
        }

        foreach (var sentence in summary.Sentences)
        {
            terminal.WriteWrapped(OneLine.Of(sentence), indent: 2);
        }

        foreach (var note in summary.Notes)
        {
            terminal.Error.WriteLine($"note: {OneLine.Of(note)}");
        }

        terminal.Out.WriteLine($"Wrote {OneLine.Of(path)}");
        return App.Done;
    }
}
