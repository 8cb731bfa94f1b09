using System.CommandLine;
using Reft.Hosting.Watching;
using Reft.Reporting.Data;

namespace Reft.Hosting.Verbs;

/// <summary><c>reft watch</c>: runs in progress in a browser.</summary>
internal static class WatchVerb
{
    private static readonly Argument<string[]> Paths = new("RUN")
    {
        Description = "A run's folder, or one in which runs lie or will appear; several are shown side by side.",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<int> Port = AnswerOptions.Of("--port", "The port of 127.0.0.1; 0 is any that is free", 0);

    public static Verb Verb { get; } = new(
        "watch",
        [
            "reft watch runs/first",
            "reft watch runs --port 8090",
        ],
        Create);

    private static Command Create(Terminal terminal)
    {
        var command = new Command("watch", "Show runs in a browser while they are trained: curves over one another, a table, and each run's report.") { Paths, Port };
        command.SetAction((parsed, cancellation) => RunAsync(parsed.GetRequiredValue(Paths), parsed.GetValue(Port), terminal, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(string[] paths, int port, Terminal terminal, CancellationToken cancellation)
    {
        if (paths.FirstOrDefault(path => !Directory.Exists(path)) is { } missing)
        {
            throw new InputException($"{OneLine.Of(missing)}: no such folder; name the folder of a run, or one in which runs will appear");
        }

        await using var server = await WatchServer.StartAsync(paths, port, terminal.Catalog);
        var runs = paths.Sum(path => DataRuns.In(path).Count);
        terminal.Out.WriteLine(server.Address);
        terminal.Error.WriteLine($"{(runs == 0 ? "No run yet" : runs == 1 ? "1 run" : $"{runs} runs")}; open the address in a browser of this machine. Ctrl-C ends it; the runs go on.");
        try
        {
            await Task.Delay(Timeout.Infinite, cancellation);
        }
        catch (OperationCanceledException)
        {
            // That is how it ends.
        }

        return App.Done;
    }
}
