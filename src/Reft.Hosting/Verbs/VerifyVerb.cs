using System.CommandLine;
using System.Text.Json;
using Reft.Problems.Generated;
using Reft.Verification;
using Reft.Verification.Audits;

namespace Reft.Hosting.Verbs;

/// <summary><c>reft verify</c>: audits a verifier on problems before anything is trained on its word.</summary>
internal static class VerifyVerb
{
    public static Verb Verb { get; } = new(
        "verify",
        [
            "reft verify train.json --style program",
            "reft verify gsm8k/train.jsonl --policy paper --json",
            "reft verify mine.csv --question-column text --answer-column label --overlap test.csv",
            "reft verify asdiv.jsonl --question-template \"{body} {question}\" --ignore-columns formula",
            "reft verify configs/small/svamp-reft-pcot.yaml",
            "reft verify --builtin --count 2000 --style program",
        ],
        Create);

    private static Command Create(Terminal terminal)
    {
        var file = new Argument<string?>("FILE")
        {
            Description = "Problems: JSON, JSON lines, GSM8K, CSV or Parquet; or a run's YAML config, whose sets are audited",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var problems = new ProblemOptions("verify", "--seed", terminal.Catalog);
        var policy = AnswerOptions.Policy();
        var overlap =
            AnswerOptions.Of<string?>("--overlap", "Another problem file: list the questions that are in both");
        var unstated = AnswerOptions.Of(
            "--unstated-limit", "The share of solutions in words that may end without their answer", 0.0);
        var sets = AnswerOptions.Of<string[]>("--set", "Set a value over the config's; may be repeated");
        var json = AnswerOptions.Of<bool>("--json", "Write the report as one JSON object");
        var command = new Command(
            "verify", "Audit a problem file or a config's, and the verifier: right answers must pass, wrong ones and tricks must not.")
        {
            file, policy, overlap, unstated, sets, json,
        };
        problems.AddTo(command);
        command.SetAction((parsed, cancellation) => Task.FromResult(ConfigAudit.Accepts(parsed.GetValue(file))
            ? OfConfig(parsed, cancellation)
            : OfFile(parsed, cancellation)));
        return command;

        int OfConfig(ParseResult parsed, CancellationToken cancellation)
        {
            var stray = command.Options.FirstOrDefault(option =>
                option != unstated && option != sets && option != json && parsed.GetResult(option) is { Implicit: false });
            return stray is null
                ? ConfigAudit.Run(
                    terminal, parsed.GetRequiredValue(file)!, parsed.GetValue(sets) ?? [], // Accepted, so it is there.
                    Audit(parsed), parsed.GetValue(json), cancellation)
                : throw new InputException($"{stray.Name} is for a problem file; a config says for itself how its problems are read");
        }

        int OfFile(ParseResult parsed, CancellationToken cancellation) => parsed.GetValue(sets) is { Length: > 0 }
            ? throw new InputException("--set changes a config; name a YAML file, or remove it")
            : Run(
                terminal,
                new VerifyRequest
                {
                    Problems = problems.Read(parsed, parsed.GetValue(file), "name a file", GeneratedSplit.Train),
                    Other = parsed.GetValue(overlap),
                    Policy = AnswerOptions.ToPolicy(parsed.GetRequiredValue(policy)),
                    Audit = Audit(parsed),
                },
                parsed.GetValue(json),
                cancellation);

        AuditOptions Audit(ParseResult parsed) => new() { UnstatedLimit = parsed.GetValue(unstated) };
    }

    private static int Run(Terminal terminal, VerifyRequest request, bool json, CancellationToken cancellation)
    {
        var (problems, style, notes) = request.Problems.Read();
        var report = VerifierAudit.Run(request.Problems.Form.Create(Verifiers.Create(style, request.Policy)), problems, notes, request.Audit, cancellation);
        var shared = request.Shared(problems);
        if (json)
        {
            terminal.Out.WriteLine(JsonSerializer.Serialize(
                new
                {
                    report.Passed,
                    Style = $"{style}",
                    Policy = $"{request.Policy}",
                    Form = request.Problems.Form.Name,
                    report.Problems,
                    report.WithSolution,
                    report.Checks,
                    Overlap = shared?.Select(pair => new { Train = pair.Train.Row, Test = pair.Test.Row }),
                    report.Verdicts,
                    report.Seconds,
                    report.VerdictsPerSecond,
                },
                AuditPrinter.Json));
        }
        else
        {
            AuditPrinter.Print(terminal, request, style, report, shared);
        }

        return report.Passed ? App.Done : App.Failed;
    }
}
