using System.CommandLine;
using System.Reflection;
using Reft.Hosting.Plots;
using Reft.Hosting.Training;
using Reft.Reproduction;
using Reft.Runtime;

namespace Reft.Hosting.Verbs;

/// <summary><c>reft reproduce</c>: a comparison of methods, from one config.</summary>
internal static class ReproduceVerb
{
    private static readonly Argument<string> Config = new("config") { Description = "The comparison's YAML config." };

    private static readonly Option<string[]> Sets = new("--set")
    {
        Description = "Set a value over the file's, such as --set seeds=[1,2,3]; may be repeated.",
        AllowMultipleArgumentsPerToken = false,
        DefaultValueFactory = _ => [],
    };

    private static readonly Option<string?> Device = new(DeviceOption.Name)
    {
        Description = $"Where every run computes, over the configs' model.device: {Numerics.ComputeDevice.Names}.",
    };

    private static readonly Option<bool> Quiet = new("--quiet") { Description = "Say nothing but warnings and the tables." };

    private static readonly Option<bool> Json = new("--json") { Description = "Print the figures as one JSON object; everything else goes to standard error." };

    private static readonly Option<int> Jobs = new("--jobs")
    {
        Description = "How many processes share the stages; they share the processor's cores too. Small models train faster with one core each. The figures are the same.",
        DefaultValueFactory = _ => 1,
    };

    private static readonly Option<string[]> Only = new("--only")
    {
        Description = "Run this format alone, such as --only P-CoT, or one arm of it, --only P-CoT/reft; may be repeated. The tables hold whatever is done.",
        AllowMultipleArgumentsPerToken = false,
        DefaultValueFactory = _ => [],
    };

    private static readonly Option<bool> SoFar = new("--so-far") { Description = "Run nothing: tables of what is done, which name what is not." };

    /// <summary>Is one of several processes: does stages until none is left, and leaves the tables to the one that started it.</summary>
    private static readonly Option<bool> Worker = new("--worker") { Hidden = true };

    public static Verb Verb { get; } = new(
        "reproduce",
        [
            "reft reproduce configs/reproduce/builtin.yaml",
            "reft reproduce configs/reproduce/svamp.yaml --set seeds=[1,2,3] --jobs 2",
            "reft reproduce configs/reproduce/same-questions.yaml --so-far",
            "reft reproduce configs/reproduce/methods.yaml --only equal-samples/grpo",
        ],
        Create);

    private static Command Create(Terminal terminal)
    {
        var command = new Command(
            "reproduce",
            "Compare methods, such as SFT, self-training and ReFT, greedily, by votes and by re-ranking, over seeds. "
            + "Stopped anywhere, the same command goes on.")
        {
            Config, Sets, Device, Only, SoFar, Jobs, Worker, Quiet, Json,
        };
        command.SetAction((parsed, cancellation) => RunAsync(parsed, terminal, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellation)
    {
        var path = parsed.GetRequiredValue(Config);
        var plan = ReproduceFile.Load(path, Settings(parsed), terminal.Catalog);
        var (json, isWorker) = (parsed.GetValue(Json), parsed.GetValue(Worker));
        var jobs = parsed.GetValue(Jobs);
        if (jobs < 1)
        {
            throw new InputException($"--jobs is {jobs}: it must be at least 1");
        }

        if (parsed.GetRequiredValue(Only).FirstOrDefault(name => !plan.Formats.Any(format =>
                format.Name == name || format.Arms.Any(arm => $"{format.Name}/{arm.Name}" == name))) is { } unknown)
        {
            throw new InputException($"--only {unknown}: there are {string.Join("; ", plan.Formats.Select(format =>
                $"{format.Name} with {string.Join(", ", format.Arms.Select(arm => $"{format.Name}/{arm.Name}"))}"))}");
        }

        var code = jobs > 1 && !parsed.GetValue(SoFar)
            ? await ShareAsync(plan, parsed, terminal, cancellation)
            : Run(plan, parsed, terminal, cancellation);
        if (isWorker)
        {
            return code;
        }

        if (code != App.Done)
        {
            terminal.Error.WriteLine($"Stopped; what was done is kept. Go on with the same command: reft reproduce {path}");
            return code;
        }

        var files = new ReproductionFiles(plan.Config.Folder);
        var result = new ReproductionReader(plan).Read();
        ReproductionOutput.Write(files, result, ComparisonFigure.Svg(result));
        terminal.Out.WriteLine(json ? ReproductionOutput.ToJson(result).TrimEnd() : File.ReadAllText(files.Tables).TrimEnd());
        terminal.Error.WriteLine($"Tables: {files.Tables}. Figures: {files.Results}. To be opened in a browser: {files.Report}");
        return App.Done;
    }

    private static string[] Settings(ParseResult parsed) =>
        [.. parsed.GetRequiredValue(Sets), .. DeviceOption.Settings(parsed.GetValue(Device), "device")];

    /// <summary>Does the stages in this process.</summary>
    private static int Run(ReproducePlan plan, ParseResult parsed, Terminal terminal, CancellationToken cancellation)
    {
        if (parsed.GetValue(SoFar))
        {
            using var nobody = new StageView(terminal, quiet: true, json: false);
            new ReproductionRun(plan, nobody, TimeProvider.System).Prepare();
            return App.Done;
        }

        NativeRuntime.Ensure();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (parsed.GetValue(Worker))
        {
            WorkerTeam.StopAtEndOf(terminal.In, stop);
        }

        using var view = new StageView(terminal, parsed.GetValue(Quiet), parsed.GetValue(Json));
        var run = new ReproductionRun(plan, view, TimeProvider.System)
        {
            Only = parsed.GetRequiredValue(Only),
            Maker = new ReproductionMaker(
                typeof(ReproductionRun).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion, // The build writes it.
                MachineReport.Read().Processor),
        };
        return run.Run(stop.Token) ? App.Done : App.Failed;
    }

    /// <summary>Has the stages done by processes.</summary>
    private static Task<int> ShareAsync(ReproducePlan plan, ParseResult parsed, Terminal terminal, CancellationToken cancellation)
    {
        // What is wrong is said once, here.
        using (var view = new StageView(terminal, quiet: true, json: false))
        {
            new ReproductionRun(plan, view, TimeProvider.System).Prepare();
        }

        string[] quiet = parsed.GetValue(Quiet) ? ["--quiet"] : [];
        string[] sets =
        [
            .. Settings(parsed).SelectMany(set => new[] { "--set", set }), .. parsed.GetRequiredValue(Only).SelectMany(name => new[] { "--only", name }),
        ];
        return new WorkerTeam(
            parsed.GetValue(Jobs), [Verb.Name, parsed.GetRequiredValue(Config), "--worker", .. quiet, .. sets], terminal).WaitAsync(cancellation);
    }
}
