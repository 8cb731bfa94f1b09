using System.Globalization;
using Reft.Evaluation;
using Reft.Problems;

namespace Reft.Hosting.Verbs;

/// <summary>One run of <c>reft evaluate</c>. Whatever can be wrong shows before the model computes anything.</summary>
internal sealed class EvaluateSession(Terminal terminal, EvaluateRequest request, TimeProvider clock)
{
    public void Run(CancellationToken cancellation)
    {
        using var setup = new CompletionSetup(request.Completion);
        var baseline = request.Compare is null ? null : Baseline(request.Compare, setup.Problems);
        CheckOutput();

        var evaluator = setup.Load().Evaluator;
        var ledger = Ledger();
        var result = Evaluate(evaluator, setup.Problems, cancellation);
        // The look is on record before anybody sees the figure.
        var look = ledger?.Record(result, ProblemsHash.Of(setup.All));
        if (request.Output is not null)
        {
            EvaluationFile.Write(request.Output, result);
        }

        var comparison = baseline is null ? null : EvaluationComparison.Of(result, baseline);
        EvaluationPrinter.Print(terminal, request, result, comparison, look);
    }

    private TestLedger? Ledger()
    {
        var ledger = request.Ledger is null ? null : new TestLedger(request.Ledger, clock);
        if (ledger?.Warning is { } warning)
        {
            terminal.Error.WriteLine($"warning: {warning}");
        }

        return ledger;
    }

    private EvaluationResult Evaluate(
        Evaluator evaluator, IReadOnlyList<Problem> problems, CancellationToken cancellation)
    {
        using var line = new ProgressLine(terminal);
        var label = new EvaluationLabel(request.Completion.Problems.SetName, request.Completion.Policy) { Form = request.Completion.Problems.FormName };
        var result = evaluator.Evaluate(
            problems, label, progress => line.Show(elapsed => Describe(progress, elapsed)), cancellation);
        var unfit = result.Greedy.Items.Where(item => item.Finish == EvaluationFinish.PromptTooLong).ToArray();
        if (unfit.Length == problems.Count)
        {
            throw new InputException(
                $"no problem fits the model: {unfit[0].Detail} (problem {OneLine.Quote(unfit[0].Problem)}); "
                + "take a model with a longer context");
        }

        if (unfit.Length > 0)
        {
            terminal.Error.WriteLine(
                $"warning: {unfit.Length} of {problems.Count} prompts are too long for the model and count as errors, "
                + $"first problem {OneLine.Quote(unfit[0].Problem)}: {unfit[0].Detail}");
        }

        return result;
    }

    private static string Describe(EvaluationProgress progress, TimeSpan elapsed) => string.Create(
        CultureInfo.InvariantCulture,
        $"{progress.Done}/{progress.Total} completions, {progress.Tokens} tokens, "
        + $"{progress.Tokens / Math.Max(elapsed.TotalSeconds, 1e-3):F0} tokens/s");

    private EvaluationResult Baseline(string path, IReadOnlyList<Problem> problems)
    {
        var baseline = EvaluationFile.Read(path);
        EvaluationComparison.Check(problems, request.Completion.Policy, baseline);
        return baseline;
    }

    /// <summary>Hours of work must not end at a file that cannot be written.</summary>
    private void CheckOutput()
    {
        if (request.Output is not { } output)
        {
            return;
        }

        if (Directory.Exists(output))
        {
            throw new InputException($"{OneLine.Of(output)}: is a folder where a file is needed; name a file in it");
        }

        if (request.Completion.Problems.File is { } file && Path.GetFullPath(file) == Path.GetFullPath(output))
        {
            throw new InputException($"{OneLine.Of(output)}: holds the problems; name another file for --output");
        }

        using var probe = StagedFile.Write(output, _ => { });
    }
}
