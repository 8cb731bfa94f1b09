using System.CommandLine;
using Reft.Replay;
using Reft.Runtime;
using Reft.Training.Runs;

namespace Reft.Hosting.Verbs;

/// <summary><c>reft replay</c>: a run's rollouts worked out again, as they were or under other settings.</summary>
internal static class ReplayVerb
{
    private static readonly Argument<string> Folder = new("run") { Description = "The folder of a run whose method rolls out." };

    private static readonly Option<string[]> Sets = new("--set")
    {
        Description = "Change a setting, such as --set reward.partial=0; may be repeated. Without any, everything must come "
            + "out as it is stored, to the bit.",
        AllowMultipleArgumentsPerToken = false,
        DefaultValueFactory = _ => [],
    };

    private static readonly Option<bool> Verify = AnswerOptions.Of<bool>(
        "--verify", "Judge every completion anew, even if no setting asks for it");

    private static readonly Option<long?> From = AnswerOptions.Of<long?>("--from", "The first step");

    private static readonly Option<long?> To = AnswerOptions.Of<long?>("--to", "The last step");

    private static readonly Option<bool> Json = AnswerOptions.Of<bool>(
        "--json", "Print the result as one JSON object and nothing else");

    public static Verb Verb { get; } = new(
        "replay",
        [
            "reft replay runs/svamp-reft-pcot --verify",
            "reft replay runs/svamp-reft-pcot --set reward.partial=0",
            "reft replay runs/svamp-reft-pcot --set answers.policy=paper --from 10 --to 20 --json",
        ],
        Create);

    private static Command Create(Terminal terminal)
    {
        var command = new Command(
            "replay", "Work a run's rollouts out again without a model: prove what was trained, or see what a setting would change.")
        {
            Folder, Sets, Verify, From, To, Json,
        };
        command.SetAction((parsed, cancellation) => Task.FromResult(Run(parsed, terminal, cancellation)));
        return command;
    }

    private static int Run(ParseResult parsed, Terminal terminal, CancellationToken cancellation)
    {
        var folder = new RunFolder(parsed.GetRequiredValue(Folder));
        var settings = new ReplaySettings(
            parsed.GetRequiredValue(Sets), parsed.GetValue(Verify), parsed.GetValue(From), parsed.GetValue(To))
        {
            Catalog = terminal.Catalog,
        };
        settings.Load(folder);
        NativeRuntime.Ensure();
        var result = RunReplay.Run(folder, settings, cancellation);
        ReplayPrinter.Print(terminal, result, parsed.GetValue(Json));
        return result.Settings.Count == 0 && !result.Identical ? App.Failed : App.Done;
    }
}
