using System.CommandLine;
using System.Globalization;
using Reft.Checkpoints;
using Reft.Composition.Sampling;
using Reft.Evaluation;
using Reft.Problems;
using Reft.Problems.Generated;
using Reft.Text;
using Reft.Verification;
using Reft.Verification.Programs;
using static TorchSharp.torch;

namespace Reft.Cli.Verbs;

/// <summary><c>reft sample</c>: many verified samples of every problem, into a file that can be gone on with.</summary>
internal static class SampleVerb
{
    private static readonly Argument<string> _model = new("model") { Description = "A model's folder" };
    private static readonly Option<string?> _file = AnswerOptions.Of<string?>(
        "--problems", "Problems: JSON, JSON lines, GSM8K, CSV or Parquet");

    private static readonly Option<string> _split = AnswerOptions.Of("--split", "With --builtin: which set", "train");
    private static readonly Option<int?> _limit = AnswerOptions.Of<int?>("--limit", "Sample the first n problems only");
    private static readonly Option<string> _policy = AnswerOptions.Policy();
    private static readonly Option<bool> _giveHeader = AnswerOptions.Of<bool>(
        "--give-header", "Programs: give the model 'def solution():' and the docstring, as the official program does");

    private static readonly Option<string> _output = new("--output")
    {
        Description = "The JSON lines file; where it is there already and was cut off, it is gone on with",
        Required = true,
    };

    public static Verb Verb { get; } = new(
        "sample",
        [
            "reft sample ./model --problems train.json --style program --samples 100 --output samples.jsonl",
            "reft sample ./model --builtin --split test --samples 16 --temperature 0.7 --output samples.jsonl",
        ],
        Create);

    private static Command Create(Terminal terminal)
    {
        _split.AcceptOnlyFromAmong([.. Enum.GetNames<GeneratedSplit>().Select(name => name.ToLowerInvariant())]);
        var command = new Command(
            "sample", "Draw and verify many samples of every problem: for votes, re-ranking and self-training.")
        {
            _model, _file, _limit, _policy, _giveHeader, _output,
        };
        var problems = new ProblemOptions("sample", "--problem-seed");
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
            var options = sampling.Read(parsed);
            if (options.Samples < 1)
            {
                throw new InputException("--samples is missing: say how many samples every problem gets");
            }

            var (all, style) = problems.Read(parsed, parsed.GetValue(_file), "name a file with --problems", split).Load();
            var header = new PromptTemplate { GiveProgramHeader = parsed.GetValue(_giveHeader) };
            Run(terminal, new Request(
                parsed.GetRequiredValue(_model), EvaluateSession.Limited(all, parsed.GetValue(_limit)),
                EvaluateSession.Template(header, style), AnswerOptions.ToPolicy(parsed.GetRequiredValue(_policy)), options,
                parsed.GetRequiredValue(_output), workers => engine.Open(parsed, workers, terminal.Error),
                () => model.Read(parsed)), cancellation);
            return Task.FromResult(App.Done);
        });
        return command;
    }

    private static void Run(Terminal terminal, Request request, CancellationToken cancellation)
    {
        var engine = request.Template.Style == AnswerStyle.Program ? request.OpenEngine(Environment.ProcessorCount) : null;
        using var held = engine as IDisposable;
        var verifier = EvaluateSession.Verifier(request.Template.Style, request.Policy, engine);
        EvaluateSession.CheckProblems(request.Problems, verifier);
        var (dtype, device) = request.ReadDevice();
        using var model = PretrainedModel.Load(request.Model, dtype, device);
        var tokenizer = ModelFolder.RequireTokenizer(request.Model);
        var options = request.Options with { StopTokens = EvaluateSession.StopTokens(request.Model, model, tokenizer) };
        var settings = SampleSettings.Of(
            ModelHash.Of(model.Decoder, tokenizer), request.Problems, request.Template.Style, request.Policy,
            request.Template.GiveProgramHeader, options);
        var evaluator = new Evaluator(model.Decoder, tokenizer, request.Template, verifier, new RewardRule(), options);
        var file = new SampleFile(request.Output, settings, problem => request.Template.Given(problem.Question));
        using var line = new ProgressLine(terminal);
        var done = 0;
        try
        {
            var summary = file.Fill(
                request.Problems,
                portion => evaluator.Sample(portion, progress => line.Show(elapsed => string.Create(
                    CultureInfo.InvariantCulture, $"{done} of {request.Problems.Count} problems, {progress.Done} of {progress.Total} samples of the next {portion.Count}")), cancellation),
                Math.Max(1, 4 * options.Slots / options.Samples), count => done = count, cancellation);
            line.Dispose();
            terminal.WriteWrapped(string.Create(
                CultureInfo.InvariantCulture,
                $"{request.Output}: {summary.Samples} samples of {summary.Problems} problems, {summary.Correct} correct ({(double)summary.Correct / summary.Samples:P1})"
                + $"{(summary.Found > 0 ? $"; {summary.Found} problems were there before" : "")}."), 2);
        }
        catch (OperationCanceledException)
        {
            line.Dispose();
            terminal.Error.WriteLine("What was drawn is kept; the same command goes on.");
            throw;
        }
    }

    private sealed record Request(
        string Model, IReadOnlyList<Problem> Problems, PromptTemplate Template, AnswerPolicy Policy, EvaluationOptions Options,
        string Output, Func<int, IProgramEngine> OpenEngine, Func<(ScalarType Dtype, Device Device)> ReadDevice);
}
