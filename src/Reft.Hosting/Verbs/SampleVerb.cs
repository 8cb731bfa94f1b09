using System.CommandLine;
using System.Globalization;
using Reft.Sampling;

namespace Reft.Hosting.Verbs;

/// <summary><c>reft sample</c>: many verified samples of every problem, into a file that can be gone on with.</summary>
internal static class SampleVerb
{
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
        var command = new Command(
            "sample", "Draw and verify many samples of every problem: for votes, re-ranking and self-training.")
        {
            _output,
        };
        var completions = new CompletionOptions("sample", split: "train", terminal.Catalog);
        completions.AddTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            var request = completions.Read(parsed, terminal);
            if (request.Options.Samples < 1)
            {
                throw new InputException("--samples is missing: say how many samples every problem gets");
            }

            Run(terminal, request, parsed.GetRequiredValue(_output), cancellation);
            return Task.FromResult(App.Done);
        });
        return command;
    }

    private static void Run(Terminal terminal, CompletionRequest request, string output, CancellationToken cancellation)
    {
        using var setup = new CompletionSetup(request);
        var (evaluator, options, model, tokenizer) = setup.Load();
        using var line = new ProgressLine(terminal);
        try
        {
            var summary = new SampleDrawing(evaluator, options, model, setup.Template, request.Policy, tokenizer) { Form = request.Problems.FormName }
                .Fill(output, setup.Problems, text => line.Show(_ => text), cancellation);
            line.Dispose();
            terminal.WriteWrapped(string.Create(
                CultureInfo.InvariantCulture,
                $"{output}: {summary.Samples} samples of {summary.Problems} problems, {summary.Correct} correct ({(double)summary.Correct / summary.Samples:P1})"
                + $"{(summary.Found > 0 ? $"; {summary.Found} problems were there before" : "")}."), 2);
        }
        catch (OperationCanceledException)
        {
            line.Dispose();
            terminal.Error.WriteLine("What was drawn is kept; the same command goes on.");
            throw;
        }
    }
}
