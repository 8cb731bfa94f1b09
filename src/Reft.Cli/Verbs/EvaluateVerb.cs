using System.CommandLine;
using Reft.Problems.Generated;
using Reft.Text;

namespace Reft.Cli.Verbs;

/// <summary><c>reft evaluate</c>: what a model gets right of a problem set, with intervals.</summary>
internal static class EvaluateVerb
{
    private static readonly Argument<string> _model = new("model") { Description = "A model's folder" };
    private static readonly Option<string?> _file = AnswerOptions.Of<string?>(
        "--problems", "Problems: JSON, JSON lines, GSM8K, CSV or Parquet");

    private static readonly Option<string> _split = AnswerOptions.Of("--split", "With --builtin: which set", "dev");
    private static readonly Option<int?> _limit = AnswerOptions.Of<int?>("--limit", "Evaluate the first n problems only");
    private static readonly Option<string> _policy = AnswerOptions.Policy();
    private static readonly Option<bool> _giveHeader = AnswerOptions.Of<bool>(
        "--give-header", "Programs: give the model 'def solution():' and the docstring, as the official program does");

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
        _split.AcceptOnlyFromAmong([.. Enum.GetNames<GeneratedSplit>().Select(name => name.ToLowerInvariant())]);
        var command = new Command("evaluate", "Measure what a model gets right, greedily and by samples.")
        {
            _model, _file, _limit, _policy, _giveHeader, _output, _compare, _ledger, _json,
        };
        var problems = new ProblemOptions("evaluate", "--problem-seed");
        problems.AddTo(command);
        command.Options.Add(_split);
        var sampling = new SamplingFlags();
        sampling.AddTo(command);
        var engine = new EngineOptions();
        engine.AddTo(command);
        var model = new ModelOptions();
        model.AddTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            var split = Enum.Parse<GeneratedSplit>(parsed.GetRequiredValue(_split), ignoreCase: true);
            var request = new EvaluateRequest
            {
                Model = parsed.GetRequiredValue(_model),
                Problems = problems.Read(parsed, parsed.GetValue(_file), "name a file with --problems", split),
                Limit = parsed.GetValue(_limit),
                Policy = AnswerOptions.ToPolicy(parsed.GetRequiredValue(_policy)),
                Template = new PromptTemplate { GiveProgramHeader = parsed.GetValue(_giveHeader) },
                Options = sampling.Read(parsed),
                Output = parsed.GetValue(_output),
                Compare = parsed.GetValue(_compare),
                Ledger = parsed.GetValue(_ledger),
                Json = parsed.GetValue(_json),
                OpenEngine = workers => engine.Open(parsed, workers, terminal.Error),
                ReadDevice = () => model.Read(parsed),
            };
            new EvaluateSession(terminal, request, TimeProvider.System).Run(cancellation);
            return Task.FromResult(App.Done);
        });
        return command;
    }
}
