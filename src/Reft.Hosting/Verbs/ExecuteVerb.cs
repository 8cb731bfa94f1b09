using System.CommandLine;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Reft.Python;

namespace Reft.Hosting.Verbs;

/// <summary><c>reft execute</c>: runs one program and says what came of it.</summary>
internal static class ExecuteVerb
{
    private const int MaxSeconds = 86_400;
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Verb Verb { get; } = new(
        "execute",
        [
            "reft execute program.py",
            "reft execute program.py --json --max-steps 100000",
            "cat completion.txt | reft execute - --paper",
            "reft execute program.py --engine cpython --timeout 2",
        ],
        Create);

    private static Command Create(Terminal terminal)
    {
        var file = new Argument<string>("file") { Description = "The program; - reads standard input." };
        var engine = new EngineOptions();
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
        var timeout = new Option<double>("--timeout")
        {
            Description = "The deadline in seconds.",
            DefaultValueFactory = _ => new ProgramLimits().Deadline.TotalSeconds,
        };
        var paper = new Option<bool>("--paper")
        {
            Description = "First prepare the text as ReFT's official program does.",
        };
        var command = new Command("execute", "Run a program (P-CoT) and print what its function returns.")
        {
            file, call, json, steps, timeout, paper,
        };
        engine.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var limits = Limits(parsed.GetValue(steps), parsed.GetValue(timeout));
            var source = await ReadAsync(parsed.GetValue(file) ?? "-", terminal, cancellation);
            source = parsed.GetValue(paper) ? PaperProgramText.Prepare(source) : source;
            var runner = engine.Open(parsed, workers: 1, terminal.Error);
            using var owner = runner as IDisposable;
            var result = runner.Run(source, limits, parsed.GetValue(call), cancellation);
            await terminal.Out.WriteAsync(parsed.GetValue(json) ? Line(result) : Text(result));
            return result.Outcome == ProgramOutcome.Value ? App.Done : App.Failed;
        });
        return command;
    }

    private static ProgramLimits Limits(long steps, double seconds)
    {
        if (!(seconds > 0 && seconds <= MaxSeconds))
        {
            throw new InputException(string.Create(
                CultureInfo.InvariantCulture, $"--timeout is {seconds}; it must be from above 0 to {MaxSeconds} seconds"));
        }

        var limits = new ProgramLimits { MaxSteps = steps, Deadline = TimeSpan.FromSeconds(seconds) };
        return limits.Validate("limits").ToList() is { Count: > 0 } errors
            ? throw new InputException(string.Join("; ", errors))
            : limits;
    }

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
