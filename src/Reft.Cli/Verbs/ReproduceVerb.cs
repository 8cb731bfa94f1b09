using System.CommandLine;
using System.Globalization;
using Reft.Cli.Training;
using Reft.Composition.Configuration;
using Reft.Composition.Reproduction;
using Reft.Runtime;
using Reft.Training.Runs;

namespace Reft.Cli.Verbs;

/// <summary><c>reft reproduce</c>: the paper's comparison, from one config.</summary>
internal static class ReproduceVerb
{
    private static readonly Argument<string> Config = new("config") { Description = "The comparison's YAML config." };

    private static readonly Option<string[]> Sets = new("--set")
    {
        Description = "Set a value over the file's, such as --set seeds=[1,2,3]; may be repeated.",
        AllowMultipleArgumentsPerToken = false,
        DefaultValueFactory = _ => [],
    };

    private static readonly Option<bool> Quiet = new("--quiet") { Description = "Say nothing but warnings and the tables." };

    private static readonly Option<bool> Json = new("--json") { Description = "Print the figures as one JSON object; everything else goes to standard error." };

    public static Verb Verb { get; } = new(
        "reproduce",
        ["reft reproduce configs/reproduce/builtin.yaml", "reft reproduce configs/reproduce/svamp.yaml --set seeds=[1,2,3]"],
        Create);

    private static Command Create(Terminal terminal)
    {
        var command = new Command(
            "reproduce",
            "Compare SFT, offline and online self-training and ReFT, greedily, by votes and by re-ranking, over seeds. "
            + "Stopped anywhere, the same command goes on.")
        {
            Config, Sets, Quiet, Json,
        };
        command.SetAction((parsed, cancellation) => Task.FromResult(Run(parsed, terminal, cancellation)));
        return command;
    }

    private static int Run(ParseResult parsed, Terminal terminal, CancellationToken cancellation)
    {
        var path = parsed.GetRequiredValue(Config);
        var plan = ReproduceFile.Load(path, parsed.GetRequiredValue(Sets));
        NativeRuntime.Ensure();
        var json = parsed.GetValue(Json);
        using var view = new View(terminal, quiet: parsed.GetValue(Quiet), json);
        if (!new Reproduction(plan, view, TimeProvider.System).Run(cancellation))
        {
            view.Dispose();
            terminal.Error.WriteLine($"Stopped; what was done is kept. Go on with the same command: reft reproduce {path}");
            return App.Failed;
        }

        view.Dispose();
        var files = new ReproductionFiles(plan.Config.Folder);
        var result = new ReproductionReader(plan).Read();
        ReproductionOutput.Write(files, result);
        terminal.Out.WriteLine(json ? ReproductionOutput.ToJson(result).TrimEnd() : File.ReadAllText(files.Tables).TrimEnd());
        terminal.Error.WriteLine($"Tables: {files.Tables}. Figures: {files.Results}. To be opened in a browser: {files.Report}");
        return App.Done;
    }

    /// <summary>Shows stages, one after the other.</summary>
    private sealed class View(Terminal terminal, bool quiet, bool json) : IReproductionObserver, IDisposable
    {
        private ProgressLine _line = new(terminal);

        public void Begun(string stage, int place, int of)
        {
            Clear();
            if (!quiet)
            {
                terminal.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"[{place}/{of}] {stage}"));
            }
        }

        public RunOutcome Train(RunConfig config, CancellationToken cancellation)
        {
            Clear();
            // What runs say at their end goes to standard error, if anywhere: standard output is for the tables.
            using var shown = TrainingViews.Create(terminal with { Out = quiet ? TextWriter.Null : terminal.Error }, json: false, quiet || json);
            return ShownRun.Train(config, shown, cancellation);
        }

        public void Progressed(string text)
        {
            if (!quiet)
            {
                _line.Show(_ => text);
            }
        }

        public void Noted(string text)
        {
            Clear();
            if (!quiet)
            {
                terminal.Error.WriteLine(text);
            }
        }

        public void Dispose() => _line.Dispose();

        private void Clear()
        {
            _line.Dispose();
            _line = new ProgressLine(terminal);
        }
    }
}
