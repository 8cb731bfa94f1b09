using System.CommandLine;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Reft.Verification.Programs;

namespace Reft.Cli.Verbs;

/// <summary><c>reft execute</c>: runs one program and says what came of it.</summary>
internal static class ExecuteVerb
{
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Verb Verb { get; } = new(
        "execute",
        [
            "reft execute program.py",
            "reft execute program.py --json --max-steps 100000",
            "cat completion.txt | reft execute - --paper",
        ],
        Create);

    private static Command Create(Terminal terminal)
    {
        var file = new Argument<string>("file") { Description = "The program; - reads standard input." };
        var engine = new Option<string>("--engine")
        {
            Description = "managed (the interpreter, safe by construction) or cpython.",
            DefaultValueFactory = _ => "managed",
        };
        var call = new Option<string>("--call")
        {
            Description = "The function whose result is the value; '' runs the module alone.",
            DefaultValueFactory = _ => "solution",
        };
        var json = new Option<bool>("--json") { Description = "Print one line of JSON." };
        var steps = new Option<long>("--max-steps")
        {
            Description = "The step budget.",
            DefaultValueFactory = _ => new ProgramLimits().MaxSteps,
        };
        var paper = new Option<bool>("--paper")
        {
            Description = "First prepare the text as ReFT's official program does.",
        };
        var command = new Command("execute", "Run a program (P-CoT) and print what its function returns.")
        {
            file, engine, call, json, steps, paper,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var limits = new ProgramLimits { MaxSteps = parsed.GetValue(steps) };
            var errors = limits.Validate("limits").ToList();
            if (errors.Count > 0)
            {
                throw new InputException(string.Join("; ", errors));
            }

            var runner = Engine(parsed.GetValue(engine) ?? "");
            var source = await ReadAsync(parsed.GetValue(file) ?? "-", terminal, cancellation);
            source = parsed.GetValue(paper) ? PaperProgramText.Prepare(source) : source;
            var result = runner.Run(source, limits, parsed.GetValue(call), cancellation);
            await terminal.Out.WriteAsync(parsed.GetValue(json) ? Line(result) : Text(result));
            return result.Outcome == ProgramOutcome.Value ? App.Done : App.Failed;
        });
        return command;
    }

    private static IProgramEngine Engine(string name) => name switch
    {
        "managed" => new ManagedEngine(),
        "cpython" => throw new InputException("--engine cpython is not built in yet; use --engine managed"),
        _ => throw new InputException($"--engine is '{name}'; it is managed or cpython"),
    };

    private static async Task<string> ReadAsync(string path, Terminal terminal, CancellationToken cancellation)
    {
        if (path == "-")
        {
            return await terminal.In.ReadToEndAsync(cancellation);
        }

        try
        {
            return await File.ReadAllTextAsync(path, cancellation);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"cannot read program '{path}': {error.Message}", error);
        }
    }

    private static string Line(ProgramResult result) => JsonSerializer.Serialize(
        new
        {
            outcome = Word(result.Outcome),
            value = result.Value?.Repr,
            detail = result.Detail,
            steps = result.Steps,
        },
        Json) + "\n";

    private static string Text(ProgramResult result)
    {
        var printed = result.Output.Length == 0 || result.Output.EndsWith('\n') ? result.Output : result.Output + "\n";
        var last = result.Outcome == ProgramOutcome.Value
            ? $"value: {result.Value?.Repr}"
            : $"{Word(result.Outcome)}: {result.Detail}";
        return string.Create(CultureInfo.InvariantCulture, $"{printed}{last} ({result.Steps} steps)\n");
    }

    private static string Word(ProgramOutcome outcome) => outcome switch
    {
        ProgramOutcome.Value => "value",
        ProgramOutcome.Timeout => "timeout",
        _ => "error",
    };
}
