using System.CommandLine;
using System.CommandLine.Help;
using System.Runtime.InteropServices;
using Reft.Configuration.Binding;
using Reft.Hosting.Verbs;

namespace Reft.Hosting;

/// <summary>The command line: parses, runs one verb, and turns what went wrong into one line and an exit code.</summary>
internal static class App
{
    /// <summary>The verb did what it was asked.</summary>
    public const int Done = 0;

    /// <summary>The verb ran and the answer is no, or something broke.</summary>
    public const int Failed = 1;

    /// <summary>The user's input is wrong.</summary>
    public const int BadInput = 2;

    public static async Task<int> RunAsync(string[] args, Terminal terminal, CancellationToken cancellation = default)
    {
        var root = new RootCommand("Reft teaches language models to reason with reinforced fine-tuning.");
        foreach (var verb in VerbCatalog.All)
        {
            root.Subcommands.Add(verb.Create(terminal));
        }

        ShowExamplesInHelp(root);
        // A value that starts with '@' is a value: System.CommandLine would read arguments from the file of that name.
        var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0)
        {
            var messages = parsed.Errors.Select(e => e.Message.ReplaceLineEndings(" ").TrimEnd('.')).Distinct();
            var path = parsed.CommandResult.Command is RootCommand ? "" : parsed.CommandResult.Command.Name + " ";
            var meant = Meant(parsed);
            await terminal.Error.WriteLineAsync(
                $"error: {string.Join("; ", messages)}{(meant.Length == 0 ? $": see reft {path}--help" : $"{meant} (see reft {path}--help)")}");
            return BadInput;
        }

        var configuration = new InvocationConfiguration
        {
            Output = terminal.Out,
            Error = terminal.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        };
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Stop(context, stop));
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Stop(context, stop));
        using var telemetry = OtlpExport.Start();
        return await GuardAsync(() => parsed.InvokeAsync(configuration, stop.Token), terminal);
    }

    /// <summary>What the first misspelt verb or option may have meant; nothing where none is near.</summary>
    private static string Meant(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        string[] verbs = [.. command.Subcommands.Select(verb => verb.Name)];
        string[] options = [.. command.Options.SelectMany(option => option.Aliases.Append(option.Name))];
        return parsed.UnmatchedTokens.Select(token => NearName.Ask(token, token.StartsWith('-') ? options : verbs))
            .FirstOrDefault(clause => clause.Length > 0) ?? "";
    }

    /// <summary>The first signal asks the verb to end cleanly; a second one ends the process.</summary>
    private static void Stop(PosixSignalContext context, CancellationTokenSource stop)
    {
        context.Cancel = !stop.IsCancellationRequested;
        stop.Cancel();
    }

    internal static async Task<int> GuardAsync(Func<Task<int>> run, Terminal terminal)
    {
        try
        {
            return await run();
        }
        catch (InputException error)
        {
            // A line for every error: a config is refused with all of them at once.
            foreach (var line in error.Message.Split('\n'))
            {
                await terminal.Error.WriteLineAsync($"error: {line}");
            }

            return BadInput;
        }
        catch (OperationCanceledException)
        {
            await terminal.Error.WriteLineAsync("Stopped.");
            return Failed;
        }
        catch (Exception error) when (Environment.GetEnvironmentVariable("REFT_TRACE") is null)
        {
            // The border of the process: a fault of ours, or of the machine. One line, and how to see more.
            var message = error.Message.ReplaceLineEndings(" ");
            await terminal.Error.WriteLineAsync($"failed: {error.GetType().Name}: {message} (REFT_TRACE=1 shows where)");
            return Failed;
        }
    }

    private static void ShowExamplesInHelp(RootCommand root)
    {
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
    }

    private sealed class HelpWithExamples(HelpAction inner)
        : System.CommandLine.Invocation.SynchronousCommandLineAction
    {
        /// <summary>Help is shown whatever else is missing.</summary>
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            var code = inner.Invoke(parseResult);
            var verb = VerbCatalog.All.FirstOrDefault(v => v.Name == parseResult.CommandResult.Command.Name);
            if (verb is null)
            {
                return code;
            }

            var output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            foreach (var example in verb.Examples)
            {
                output.WriteLine($"  {example}");
            }

            return code;
        }
    }
}
