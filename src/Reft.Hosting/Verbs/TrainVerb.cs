using System.CommandLine;
using Reft.Configuration;
using Reft.Hosting.Training;
using Reft.Hosting.Watching;
using Reft.Methods;
using Reft.Runtime;
using Reft.Training.Runs;

namespace Reft.Hosting.Verbs;

/// <summary><c>reft train</c>: one run of one config.</summary>
internal static class TrainVerb
{
    private static readonly Argument<string> Config = new("config")
    {
        Description = "A run's YAML config; with --resume also a run's folder.",
    };

    private static readonly Option<string[]> Sets = new("--set")
    {
        Description = "Set a value over the file's, such as --set training.epochs=3; may be repeated.",
        AllowMultipleArgumentsPerToken = false,
        DefaultValueFactory = _ => [],
    };

    private static readonly Option<string?> Device = DeviceOption.OverConfig();

    private static readonly Option<bool> Resume = new("--resume")
    {
        Description = "Go on with the run that is in the folder, from its newest whole checkpoint.",
    };

    private static readonly Option<bool> Quiet = new("--quiet") { Description = "Say nothing but warnings and the result." };

    private static readonly Option<bool> Json = new("--json")
    {
        Description = "Write one JSON line a step and one for the result; everything else goes to standard error.",
    };

    private static readonly Option<int?> Dashboard = new("--dashboard")
    {
        Description = "Show the run in a browser of this machine while it trains, as reft watch does; a port may be named.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public static Verb Verb { get; } = new(
        "train",
        [
            "reft train configs/small/svamp-sft-pcot.yaml",
            "reft train my.yaml --set optimizer.learningRate=1e-4 --set run=runs/higher",
            "reft train runs/svamp-sft-pcot --resume",
            "reft train my.yaml --device cuda",
        ],
        Create);

    private static Command Create(Terminal terminal)
    {
        var command = new Command(
            "train",
            "Train a model as a config says, into a run's folder. Its method is one of "
            + $"{string.Join(", ", terminal.Catalog.MethodNames)}; 'reft methods' says what they are.")
        {
            Config, Sets, Device, Resume, Dashboard, Quiet, Json,
        };
        command.SetAction((parsed, cancellation) => RunAsync(parsed, terminal, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellation)
    {
        var resume = parsed.GetValue(Resume);
        var loaded = Load(parsed.GetRequiredValue(Config), [.. parsed.GetRequiredValue(Sets), .. DeviceOption.Settings(parsed.GetValue(Device))], resume, terminal.Catalog);
        ModelFolder.Fetch(loaded.Config, terminal, cancellation);
        var json = parsed.GetValue(Json);
        using var view = TrainingViews.Create(terminal, json, parsed.GetValue(Quiet));
        await using var dashboard = parsed.GetResult(Dashboard) is null
            ? null
            : await WatchServer.StartAsync([loaded.Config.Run], parsed.GetValue(Dashboard) ?? 0, terminal.Catalog);
        if (dashboard is not null)
        {
            terminal.Error.WriteLine($"To be watched in a browser: {dashboard.Address}");
        }

        view.Preparing("loading libtorch");
        NativeRuntime.Ensure();
        if (ShownRun.Train(loaded, resume, view, cancellation).End == RunEnd.Finished)
        {
            return App.Done;
        }

        if (!json)
        {
            terminal.Error.WriteLine($"Go on with: reft train {loaded.Config.Run} --resume");
        }

        return App.Failed;
    }

    private static LoadedConfig Load(string path, string[] sets, bool resume, Catalog catalog)
    {
        if (!Directory.Exists(path))
        {
            return ConfigFile.Load(path, sets, catalog, isOfRun: resume);
        }

        var folder = new RunFolder(path);
        if (!folder.IsRun)
        {
            throw new InputException($"{path}: is a folder without a run (no config.yaml); name a config file or a run's folder");
        }

        return resume
            ? ConfigFile.Load(folder.Config, [.. sets, $"run={ConfigText.Scalar(path)}"], catalog, isOfRun: true)
            : throw new InputException($"{path}: holds a run; go on with it by --resume, or name a config file");
    }
}
