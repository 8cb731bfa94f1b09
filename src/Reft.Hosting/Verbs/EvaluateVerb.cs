using System.CommandLine;

namespace Reft.Hosting.Verbs;

/// <summary><c>reft evaluate</c>: what a model gets right of a problem set, with intervals.</summary>
internal static class EvaluateVerb
{
    private static readonly Option<string?> _output = AnswerOptions.Of<string?>(
        "--output", "Write every completion and figure to this JSON file");

    private static readonly Option<string?> _compare = AnswerOptions.Of<string?>(
        "--compare", "Compare with an earlier --output file of the same problems");

    private static readonly Option<string?> _ledger = AnswerOptions.Of<string?>(
        "--test-ledger", "These are test problems: record the look in this file, and say which look it is");

    private static readonly Option<bool> _json = AnswerOptions.Of<bool>(
        "--json", "Print the figures as one JSON object and nothing else");

    public static Verb Verb { get; } = new(
        "evaluate",
        [
            "reft evaluate ./model --problems dev.jsonl --style program --output dev.json",
            "reft evaluate ./model --problems dev.jsonl --samples 4 --temperature 0.7 --compare dev.json",
            "reft evaluate ./model --problems test.json --policy paper --test-ledger test-looks.jsonl",
            "reft evaluate ./model --builtin --split test --profile easy --count 500 --json",
        ],
        Create);

    private static Command Create(Terminal terminal)
    {
        var command = new Command("evaluate", "Measure what a model gets right, greedily and by samples.")
        {
            _output, _compare, _ledger, _json,
        };
        var completions = new CompletionOptions("evaluate", split: "dev", terminal.Catalog);
        completions.AddTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            var request = new EvaluateRequest(
                completions.Read(parsed, terminal), parsed.GetValue(_output), parsed.GetValue(_compare), parsed.GetValue(_ledger),
                parsed.GetValue(_json));
            new EvaluateSession(terminal, request, TimeProvider.System).Run(cancellation);
            return Task.FromResult(App.Done);
        });
        return command;
    }
}
