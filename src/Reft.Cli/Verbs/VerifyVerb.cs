using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using Reft.Problems.Files;
using Reft.Problems.Generated;
using Reft.Verification;
using Reft.Verification.Audits;

namespace Reft.Cli.Verbs;

/// <summary><c>reft verify</c>: audits a verifier on problems before anything is trained on its word.</summary>
internal static class VerifyVerb
{
    private static readonly JsonSerializerOptions _json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly string[] _columns = ["id", "question", "answer", "solution"];

    public static Verb Verb { get; } = new(
        "verify",
        [
            "reft verify train.json --style program",
            "reft verify gsm8k/train.jsonl --policy paper --json",
            "reft verify mine.csv --question-column text --answer-column label --overlap test.csv",
            "reft verify --builtin --count 2000 --style program",
        ],
        Create);

    private static Command Create(Terminal terminal)
    {
        var file = new Argument<string?>("FILE")
        {
            Description = "Problems: JSON, JSON lines, GSM8K, CSV or Parquet",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var format = AnswerOptions.Of("--format", "How the file is written", "auto");
        format.AcceptOnlyFromAmong([.. Enum.GetNames<ProblemFormat>().Select(name => name.ToLowerInvariant())]);
        var style = AnswerOptions.Style("guessed from the problems where not given");
        var policy = AnswerOptions.Policy();
        var columns = _columns
            .Select(name => AnswerOptions.Of<string?>($"--{name}-column", $"The column with the {name}s")).ToArray();
        var overlap =
            AnswerOptions.Of<string?>("--overlap", "Another problem file: list the questions that are in both");
        var unstated = AnswerOptions.Of(
            "--unstated-limit", "The share of solutions in words that may end without their answer", 0.0);
        var builtin = AnswerOptions.Of<bool>("--builtin", "Audit the built-in generator instead of a file");
        var profile = AnswerOptions.Of("--profile", "The generator's profile", "full");
        profile.AcceptOnlyFromAmong("easy", "full");
        var seed = AnswerOptions.Of<ulong>("--seed", "The generator's seed");
        var count = AnswerOptions.Of("--count", "How many problems to generate", 1000);
        var json = AnswerOptions.Of<bool>("--json", "Write the report as one JSON object");
        var command = new Command(
            "verify", "Audit a problem file and its verifier: right answers must pass, wrong ones and tricks must not.")
        {
            file, format, style, policy, overlap, unstated, builtin, profile, seed, count, json,
        };
        foreach (var column in columns)
        {
            command.Options.Add(column);
        }

        command.SetAction((parsed, cancellation) => Task.FromResult(Run(
            terminal,
            new VerifyRequest
            {
                File = parsed.GetValue(file),
                Other = parsed.GetValue(overlap),
                Style = AnswerOptions.ToStyle(parsed.GetValue(style)),
                Policy = AnswerOptions.ToPolicy(parsed.GetValue(policy)!), // It has a default.
                Options = new ProblemFileOptions
                {
                    Format = Enum.Parse<ProblemFormat>(parsed.GetValue(format)!, ignoreCase: true), // It has a default.
                    Columns = new ProblemColumns
                    {
                        Id = parsed.GetValue(columns[0]),
                        Question = parsed.GetValue(columns[1]),
                        Answer = parsed.GetValue(columns[2]),
                        Solution = parsed.GetValue(columns[3]),
                    },
                },
                Audit = new AuditOptions { UnstatedLimit = parsed.GetValue(unstated) },
                Builtin = parsed.GetValue(builtin),
                Generator = (parsed.GetValue(profile) == "easy" ? GeneratorOptions.Easy : GeneratorOptions.Full)
                    with
                { Seed = parsed.GetValue(seed) },
                Count = parsed.GetValue(count),
            },
            parsed.GetValue(json),
            cancellation)));
        return command;
    }

    private static int Run(Terminal terminal, VerifyRequest request, bool json, CancellationToken cancellation)
    {
        var (problems, style) = request.Load();
        var report = VerifierAudit.Run(Verifiers.Create(style, request.Policy), problems, request.Audit, cancellation);
        var shared = request.Shared(problems);
        if (json)
        {
            terminal.Out.WriteLine(JsonSerializer.Serialize(
                new
                {
                    report.Passed,
                    Style = $"{style}",
                    Policy = $"{request.Policy}",
                    report.Problems,
                    report.WithSolution,
                    report.Checks,
                    Overlap = shared?.Select(pair => new { Train = pair.Train.Row, Test = pair.Test.Row }),
                    report.Verdicts,
                    report.Seconds,
                    report.VerdictsPerSecond,
                },
                _json));
        }
        else
        {
            AuditPrinter.Print(terminal, request, style, report, shared);
        }

        return report.Passed ? App.Done : App.Failed;
    }
}
