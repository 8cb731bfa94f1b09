using System.Globalization;
using Reft.Checkpoints;
using Reft.Evaluation;
using Reft.Problems;
using Reft.Text;
using Reft.Verification;
using Reft.Verification.Programs;

namespace Reft.Cli.Verbs;

/// <summary>One run of <c>reft evaluate</c>. Whatever can be wrong shows before the model computes anything.</summary>
internal sealed class EvaluateSession(Terminal terminal, EvaluateRequest request, TimeProvider clock)
{
    public void Run(CancellationToken cancellation)
    {
        var (all, style) = request.Problems.Load();
        var problems = Limited(all, request.Limit);
        var template = Template(request.Template, style);
        var engine = style == AnswerStyle.Program ? request.OpenEngine(Environment.ProcessorCount) : null;
        using var engineOwner = engine as IDisposable;
        var verifier = Verifier(style, request.Policy, engine);
        CheckProblems(problems, verifier);
        var baseline = request.Compare is null ? null : Baseline(request.Compare, problems);
        CheckOutput();

        var (dtype, device) = request.ReadDevice();
        using var model = PretrainedModel.Load(request.Model, dtype, device);
        var tokenizer = ModelFolder.RequireTokenizer(request.Model);
        var options = request.Options with { StopTokens = StopTokens(request.Model, model, tokenizer) };
        var evaluator = new Evaluator(model.Decoder, tokenizer, template, verifier, new RewardRule(), options);
        var ledger = Ledger();
        var result = Evaluate(evaluator, problems, cancellation);
        // The look is on record before anybody sees the figure.
        var look = ledger?.Record(result, ProblemsHash.Of(all));
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
        var label = new EvaluationLabel(request.Problems.SetName, request.Policy);
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

    /// <summary>The first problems.</summary>
    public static IReadOnlyList<Problem> Limited(IReadOnlyList<Problem> all, int? limit) => limit switch
    {
        null => all,
        < 1 => throw new InputException($"--limit is {limit}; it must be at least 1"),
        { } most => [.. all.Take(most)],
    };

    /// <summary>The prompts of a style.</summary>
    public static PromptTemplate Template(PromptTemplate given, AnswerStyle style)
    {
        var template = given with { Style = style };
        return template.GiveProgramHeader && style != AnswerStyle.Program
            ? throw new InputException(
                $"--give-header is given, but the style is {style.ToString().ToLowerInvariant()}; only programs have a "
                + "header: add --style program, or leave it out")
            : template;
    }

    /// <summary>The verifier of a style.</summary>
    /// <param name="style">What answers are.</param>
    /// <param name="policy">How they are read.</param>
    /// <param name="engine">Runs programs; null where answers are none.</param>
    public static IVerifier Verifier(AnswerStyle style, AnswerPolicy policy, IProgramEngine? engine) => engine is null
        ? Verifiers.Create(style, policy)
        : new ProgramVerifier(engine, policy, workers: Environment.ProcessorCount);

    /// <summary>Refuses problems that cannot be judged.</summary>
    public static void CheckProblems(IReadOnlyList<Problem> problems, IVerifier verifier)
    {
        var errors = Evaluator.Check(problems, verifier).ToArray();
        if (errors.Length > 0)
        {
            var more = errors.Length > 1 ? $" (and {errors.Length - 1} more such problems)" : "";
            throw new InputException(errors[0] + more);
        }
    }

    private EvaluationResult Baseline(string path, IReadOnlyList<Problem> problems)
    {
        var baseline = EvaluationFile.Read(path);
        EvaluationComparison.Check(problems, request.Policy, baseline);
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

        if (request.Problems.File is { } file && Path.GetFullPath(file) == Path.GetFullPath(output))
        {
            throw new InputException($"{OneLine.Of(output)}: holds the problems; name another file for --output");
        }

        using var probe = StagedFile.Write(output, _ => { });
    }

    /// <summary>The tokens that end a completion.</summary>
    public static IReadOnlyList<int> StopTokens(string path, PretrainedModel model, Tokenizer tokenizer) =>
        model.StopTokens.Count > 0 ? model.StopTokens
        : tokenizer.EosId is { } eos ? [eos]
        : throw new InputException(
            $"{OneLine.Of(path)}: nothing says which token ends a completion; name it as 'eos_token_id' in "
            + "generation_config.json or config.json, or as 'eos_token' in tokenizer_config.json");
}
