using System.CommandLine;
using System.Diagnostics;
using Reft.Configuration;
using Reft.Hosting.Training;
using Reft.Inputs;
using Reft.Numerics;
using Reft.Quickstart;
using Reft.Training.Runs;

namespace Reft.Hosting.Verbs;

/// <summary><c>reft quickstart</c>: supervised fine-tuning against ReFT, from nothing, in minutes.</summary>
internal static class QuickstartVerb
{
    private static readonly Option<string> Folder = new("--folder")
    {
        Description = "Where the three runs go; go on with an interrupted quickstart by naming its folder again.",
        DefaultValueFactory = _ => Path.Combine("runs", "quickstart"),
    };

    private static readonly Option<ulong> Seed = new("--seed")
    {
        Description = "The seed of problems, weights and draws.",
        DefaultValueFactory = _ => 1,
    };

    private static readonly Option<string?> Device = new(DeviceOption.Name)
    {
        Description = $"Where to compute: {ComputeDevice.Names}; by default cpu.",
    };

    private static readonly Option<bool> Quiet = new("--quiet") { Description = "Say nothing while it trains." };

    private static readonly Option<bool> Json = new("--json") { Description = "Print the result as one JSON object." };

    public static Verb Verb { get; } = new(
        "quickstart",
        ["reft quickstart", "reft quickstart --device cuda", "reft quickstart --seed 2 --folder runs/quickstart-2", "reft quickstart --quiet --json"],
        Create);

    private static Command Create(Terminal terminal)
    {
        var command = new Command(
            "quickstart", "Supervised fine-tuning and ReFT on the same questions, from nothing, in minutes on two cores; then ReFT with more answers.")
        {
            Folder, Seed, Device, Quiet, Json,
        };
        command.SetAction((parsed, cancellation) => Task.FromResult(Run(parsed, terminal, cancellation)));
        return command;
    }

    private static int Run(ParseResult parsed, Terminal terminal, CancellationToken cancellation)
    {
        var device = DeviceChoice.Find(parsed.GetValue(Device) ?? ComputeDevice.Cpu.Name, DeviceOption.Name);
        var clock = Stopwatch.StartNew();
        var folder = parsed.GetRequiredValue(Folder);
        var seed = parsed.GetRequiredValue(Seed);
        var json = parsed.GetValue(Json);
        var story = new QuickstartStory(terminal, json);
        var configs = QuickstartConfigs.Make(folder, seed, device.Name);
        story.Open(configs);
        foreach (var (config, chapter) in QuickstartStory.Chapters(configs))
        {
            story.Begin(chapter);
            if (Train(config, json ? terminal with { Out = TextWriter.Null } : terminal, json || parsed.GetValue(Quiet), cancellation).End == RunEnd.Stopped)
            {
                terminal.Error.WriteLine($"Go on with: reft quickstart --folder {folder} --seed {seed}{(device == ComputeDevice.Cpu ? "" : $" --device {device}")}");
                return App.Failed;
            }
        }

        var result = QuickstartResult.Read(configs);
        story.End(configs, result, clock.Elapsed);
        return App.Done;
    }

    private static RunOutcome Train(RunConfig config, Terminal terminal, bool quiet, CancellationToken cancellation)
    {
        using var view = TrainingViews.Create(terminal, json: false, quiet);
        return ShownRun.Train(config, view, cancellation);
    }
}
