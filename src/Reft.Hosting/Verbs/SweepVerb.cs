using System.CommandLine;
using System.Globalization;
using Reft.Hosting.Training;
using Reft.Reproduction;
using Reft.Reproduction.Sweeps;
using Reft.Runtime;

namespace Reft.Hosting.Verbs;

/// <summary><c>reft sweep</c>: one config under a grid of settings, and the setting that dev chooses.</summary>
internal static class SweepVerb
{
    private static readonly Argument<string> Config = new("config") { Description = "A run's YAML config, of any method that makes a language model." };

    private static readonly Option<string[]> Overs = new("--over")
    {
        Description = "A key and the values that it is given, such as --over optimizer.learningRate=1e-5,3e-5; may be repeated: every value of one with every value of the others.",
        AllowMultipleArgumentsPerToken = false,
        Required = true,
    };

    private static readonly Option<string[]> Sets = new("--set")
    {
        Description = "Set a value over the file's in every run, such as --set training.epochs=3; may be repeated.",
        AllowMultipleArgumentsPerToken = false,
        DefaultValueFactory = _ => [],
    };

    private static readonly Option<int> Seeds = new("--seeds") { Description = "How many seeds each setting is trained with, from the config's seed on.", DefaultValueFactory = _ => 1 };

    private static readonly Option<string?> Output = new("--output") { Description = "Where everything goes; the config's run with '-sweep' behind if not given." };

    private static readonly Option<int> Jobs = new("--jobs")
    {
        Description = "How many processes share the runs; they share the processor's cores too. The figures are the same.",
        DefaultValueFactory = _ => 1,
    };

    private static readonly Option<string?> Device = DeviceOption.OverConfig();

    private static readonly Option<bool> Quiet = new("--quiet") { Description = "Say nothing but warnings and the table." };

    private static readonly Option<bool> Json = new("--json") { Description = "Print the figures as one JSON object; everything else goes to standard error." };

    /// <summary>Is one of several processes: trains until nothing is left, and leaves the table to the one that started it.</summary>
    private static readonly Option<bool> Worker = new("--worker") { Hidden = true };

    public static Verb Verb { get; } = new(
        "sweep",
        [
            "reft sweep my.yaml --over optimizer.learningRate=1e-5,3e-5,1e-4",
            "reft sweep my.yaml --over optimizer.learningRate=1e-5,3e-5 --over training.batchSize=32,64 --seeds 3 --jobs 2",
        ],
        Create);

    private static Command Create(Terminal terminal)
    {
        var command = new Command("sweep", "Train a config under every choice of some settings, and choose by dev. Stopped anywhere, the same command goes on.")
        {
            Config, Overs, Sets, Seeds, Jobs, Output, Device, Quiet, Json, Worker,
        };
        command.SetAction((parsed, cancellation) => RunAsync(parsed, terminal, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellation)
    {
        var path = parsed.GetRequiredValue(Config);
        var (jobs, seeds) = (AtLeastOne("--jobs", parsed.GetValue(Jobs)), AtLeastOne("--seeds", parsed.GetValue(Seeds)));
        var plan = SweepPlan.Load(path, Settings(parsed), parsed.GetRequiredValue(Overs), seeds, parsed.GetValue(Output), terminal.Catalog);
        var (json, quiet) = (parsed.GetValue(Json), parsed.GetValue(Quiet));
        using var view = new StageView(terminal, quiet, json);
        var run = new SweepRun(plan, view, TimeProvider.System);
        if (parsed.GetValue(Worker))
        {
            NativeRuntime.Ensure();
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            WorkerTeam.StopAtEndOf(terminal.In, stop);
            return run.Train(stop.Token) ? App.Done : App.Failed;
        }

        ModelFolder.Fetch(plan.Points[0].Config, terminal, cancellation);
        if (!quiet)
        {
            terminal.Error.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{plan.Points.Count} settings × {seeds} seed{(seeds == 1 ? "" : "s")}, into {plan.Folder}"));
        }

        run.Prepare();
        var code = jobs > 1 ? await ShareAsync(parsed, jobs, terminal, cancellation) : Train(run, cancellation);
        if (code != App.Done || !Finish(run, cancellation, out var result))
        {
            terminal.Error.WriteLine($"Stopped; what was done is kept. Go on with the same command: reft sweep {path} …");
            return App.Failed;
        }

        var files = new ReproductionFiles(plan.Folder);
        AtomicFile.WriteAllText(Path.Combine(plan.Folder, "sweep.json"), SweepOutput.ToJson(result));
        AtomicFile.WriteAllText(files.Tables, SweepOutput.Markdown(result));
        terminal.Out.WriteLine((json ? SweepOutput.ToJson(result) : SweepOutput.Markdown(result)).TrimEnd());
        if (!quiet)
        {
            terminal.Error.WriteLine($"Table: {files.Tables}. Figures: {Path.Combine(plan.Folder, "sweep.json")}. Every run has its report.");
        }

        return App.Done;
    }

    private static int Train(SweepRun run, CancellationToken cancellation)
    {
        NativeRuntime.Ensure();
        return run.Train(cancellation) ? App.Done : App.Failed;
    }

    /// <summary>Chooses, and looks at test with the chosen.</summary>
    private static bool Finish(SweepRun run, CancellationToken cancellation, out SweepResult result)
    {
        NativeRuntime.Ensure();
        result = run.Read();
        var isDone = run.Test(result.Chosen, cancellation);
        result = run.Read();
        return isDone;
    }

    private static async Task<int> ShareAsync(ParseResult parsed, int jobs, Terminal terminal, CancellationToken cancellation)
    {
        string[] output = parsed.GetValue(Output) is { } folder ? ["--output", folder] : [];
        string[] quiet = parsed.GetValue(Quiet) ? ["--quiet"] : [];
        return await new WorkerTeam(
            jobs,
            [
                Verb.Name, parsed.GetRequiredValue(Config), "--worker", "--seeds", parsed.GetValue(Seeds).ToString(CultureInfo.InvariantCulture), .. output, .. quiet,
                .. Settings(parsed).SelectMany(set => new[] { "--set", set }), .. parsed.GetRequiredValue(Overs).SelectMany(over => new[] { "--over", over }),
            ],
            terminal).WaitAsync(cancellation);
    }

    private static string[] Settings(ParseResult parsed) => [.. parsed.GetRequiredValue(Sets), .. DeviceOption.Settings(parsed.GetValue(Device))];

    private static int AtLeastOne(string option, int value) => value >= 1 ? value : throw new InputException($"{option} is {value}: it must be at least 1");
}
