using Reft.Algorithms;
using Reft.Answers;
using Reft.Evaluation.Turns;
using Reft.Generation;

namespace Reft.Methods;

/// <summary>Options of <see cref="FormulaGpt"/>. The paper's model has 6 to 8 layers of width 512 and learns 15 million histories.</summary>
internal sealed record FormulaGptOptions
{
    /// <summary>Attempts of an evaluation, at least 2; as many as the longest history of training is ours.</summary>
    [Option("attempts of an evaluation", AtLeast = 2)]
    public int Attempts { get; init => field = InRange.Of(this, value); } = 8;

    /// <summary>The temperature at which they are drawn, at least 0; the paper's is not known to us.</summary>
    [Option("the temperature at which they are drawn", AtLeast = 0)]
    public double Temperature { get; init => field = InRange.Of(this, value); } = 1;

    /// <summary>The most symbols of the random formulas that they are compared with, odd, at least 3.</summary>
    [Option("the most symbols of the random formulas that they are compared with", AtLeast = 3, AtMost = 15)]
    public int Symbols { get; init => field = InRange.Of(this, value); } = 7;
}

/// <summary>FormulaGPT (<see href="https://arxiv.org/abs/2404.06330"/>): a decoder learns a solver's histories, and so to improve formulas in context.</summary>
internal static class FormulaGpt
{
    /// <summary>The method.</summary>
    public static IMethod Method { get; } = new ImitationMethod<FormulaGptOptions>("formula-gpt", "formulaGpt", new FormulaGptOptions())
    {
        Summary = "cross-entropy on a solver's histories of formulas with their R²; evaluations let the model improve a formula in context",
        Citation = "Li 2024, arXiv 2404.06330",
        Guide = "A solver's search is text: attempt, score, attempt, score, up to an exact one. A decoder that learns such histories, and shortcuts through them "
            + "whose scores only rise, goes on as the solver would, and does so for new points without a single update. Evaluations write each attempt's R² "
            + "for the model, and set its best beside as many first attempts and as many random formulas. Take it with the generator formulas; histories of "
            + "another search can be learned by sft in the same way.",
        Algorithm = _ => CrossEntropy.Create(new CrossEntropyOptions()),
        Aggregates = _ => (Aggregation.TokenMean, new CrossEntropyOptions().ConstantLength),
        Adds = Evaluation,
    };

    private static Func<long, EvaluationAddition> Evaluation(FormulaGptOptions options, MethodParts parts)
    {
        if (parts.Dev.Any(problem => PrefixFormula.Read(problem.Answer) is null))
        {
            return _ => new EvaluationAddition("no attempts are scored: answers of dev problems are no seven values at x from -3 to 3", _ => { });
        }

        var evaluation = new HistoryEvaluation
        {
            Generator = new CompletionGenerator(parts.Decoder, parts.Config.Evaluation.Slots),
            Tokenizer = parts.Tokenizer,
            Prompt = problem => parts.Template.PromptTokens(parts.Tokenizer, problem.Question),
            StopTokens = parts.Model.Ends.All,
            Attempts = options.Attempts,
            Temperature = options.Temperature,
            Symbols = options.Symbols,
            Seed = parts.Config.Seed,
        };
        return step =>
        {
            var report = evaluation.Evaluate(parts.Dev);
            return new EvaluationAddition(
                report.Summary, file => new HistoryRecord(step, "dev", report).Write(Path.ChangeExtension(file, HistoryRecord.Extension)));
        };
    }
}
