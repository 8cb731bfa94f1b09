using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Reft.Answers;

namespace Reft.Hosting.Verbs;

/// <summary><c>reft extract</c>: what completions answered, one result for every completion.</summary>
internal static class ExtractVerb
{
    private static readonly JsonSerializerOptions _json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.Never,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static Verb Verb { get; } = new(
        "extract",
        [
            "echo 'The answer is $1,250.' | reft extract",
            "reft extract completions.jsonl --style number --policy paper --json",
            "reft extract answers.txt --gold 42",
            "reft extract programs.jsonl --style program",
        ],
        Create);

    private static Command Create(Terminal terminal)
    {
        var file = new Argument<string>("FILE")
        {
            Description = "Completions, one a line (style program: one program); or JSON: objects with 'completion' "
                + "or 'text' and perhaps 'id' and 'answer' or 'answer_value', one a line or in an array. "
                + "- is standard input",
            DefaultValueFactory = _ => "-",
        };
        var policy = AnswerOptions.Policy();
        var style = AnswerOptions.Style("number where not given");
        var gold = AnswerOptions.Of<string?>("--gold", "The right answer of every completion that brings none");
        var anywhere = AnswerOptions.Of<bool>(
            "--anywhere", "Policy exact: read the last sentence where nothing marks the answer");
        var json = AnswerOptions.Of<bool>("--json", "Write one JSON object a completion");
        var command = new Command(
            "extract", "Read the answers of completions, and compare them where the right ones are known.")
        {
            file, policy, style, gold, anywhere, json,
        };
        command.SetAction((parsed, cancellation) => RunAsync(
            terminal,
            parsed.GetValue(file)!, // It has a default.
            new AnswerReader(
                AnswerOptions.ToPolicy(parsed.GetValue(policy)!), // It has a default.
                AnswerOptions.ToStyle(parsed.GetValue(style)) ?? AnswerStyle.Number,
                parsed.GetValue(anywhere)),
            parsed.GetValue(gold),
            parsed.GetValue(json),
            cancellation));
        return command;
    }

    private static async Task<int> RunAsync(
        Terminal terminal, string file, AnswerReader reader, string? gold, bool json, CancellationToken cancellation)
    {
        if (gold is not null && reader.WhyUnreadable(gold) is { } reason)
        {
            throw new InputException($"--gold '{gold}' cannot be read: {reason}");
        }

        foreach (var completion in await CompletionFile.ReadAsync(file, terminal.In, reader.OneText, cancellation))
        {
            cancellation.ThrowIfCancellationRequested();
            var finding = reader.Read(completion.Text, completion.Answer ?? gold, cancellation);
            await terminal.Out.WriteLineAsync(json
                ? JsonSerializer.Serialize(
                    new
                    {
                        completion.Line,
                        completion.Id,
                        Value = finding.Answer,
                        Outcome = finding.Outcome?.ToString(),
                        finding.Detail,
                    },
                    _json)
                : Plain(completion, finding));
        }

        return App.Done;
    }

    private static string Plain(CompletionLine completion, AnswerFinding finding)
    {
        var name = completion.Id ?? $"{completion.Line}";
        var value = finding.Answer ?? "-";
        return finding.Outcome is { } outcome
            ? $"{name}\t{value}\t{outcome}\t{finding.Detail}"
            : $"{name}\t{value}";
    }
}
