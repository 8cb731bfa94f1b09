using Reft.Answers;
using Reft.Evaluation.Turns;
using Reft.Generation;
using Reft.Numerics;
using Reft.Problems.Generated;
using Reft.Problems.Generated.Tasks;
using Reft.Tests.Training;
using Reft.Text;

namespace Reft.Tests.Evaluation;

/// <summary>Searches for formulas in context, beside independent and random ones.</summary>
public sealed class HistoryEvaluationTests
{
    [Fact]
    public void Evaluate_CountsEveryAttempt_AndRandomOnesByThemselves()
    {
        using var folder = new TemporaryFolder();
        var problems = new FormulaHistories { Split = GeneratedSplit.Dev, Count = 12, Symbols = 5 }.Make(AnswerStyle.Number);
        var tokenizer = BpeTrainer.Train(problems.SelectMany(p => new[] { p.Question, p.Solution! }), new BpeTrainerOptions { VocabularySize = 270 }, folder["t"]);
        using var model = TinyModels.Llama(tokenizer.VocabularySize);
        var evaluation = new HistoryEvaluation
        {
            Generator = new CompletionGenerator(model.Decoder, slots: 4),
            Tokenizer = tokenizer,
            Prompt = problem => tokenizer.EncodePrompt(problem.Question),
            StopTokens = [0],
            Attempts = 3,
            Temperature = 1,
            Symbols = 5,
            Seed = 4,
        };

        var report = evaluation.Evaluate(problems);

        Assert.Equal((12, 3, 3), (report.Problems, report.Attempts, report.ByAttempt.Count));
        var random = problems.Select(problem =>
        {
            var search = new FormulaSearch(new CounterRandom(CounterRandom.Hash(4, problem.Id)), 5);
            return new[] { search.Draw(), search.Draw(), search.Draw() }.Max(formula => PrefixFormula.Fit(formula, PrefixFormula.Read(problem.Answer)!));
        }).ToArray();
        Assert.Equal(random.Average(), report.Random.Fit.Value, 1e-9);
        Assert.Equal(random.Count(fit => fit == 1) / 12.0, report.Random.Exact.Value, 1e-9);
        Assert.True(report.History.Fit.Value >= report.ByAttempt.Max(one => one.Value) - 1e-9);
        Assert.Equal(report.Summary, evaluation.Evaluate(problems).Summary);
    }

    /// <summary>What is written piece by piece is what a history was learned as.</summary>
    [Fact]
    public void Pieces_AreTheTokensOfTheWhole()
    {
        using var folder = new TemporaryFolder();
        var problems = new FormulaHistories { Split = GeneratedSplit.Train, Count = 60, Symbols = 7 }.Make(AnswerStyle.Number);
        var tokenizer = BpeTrainer.Train(problems.Select(p => p.Question + "\n" + p.Solution), new BpeTrainerOptions { VocabularySize = 280 }, folder["t"]);

        Assert.All(problems, problem => Assert.Equal(
            tokenizer.Encode(problem.Solution! + "\n", addSpecialTokens: false),
            problem.Solution!.Split('\n').SelectMany(line => tokenizer.Encode(line[..line.IndexOf('=')], addSpecialTokens: false)
                .Concat(tokenizer.Encode("=", addSpecialTokens: false)).Concat(tokenizer.Encode(line[(line.IndexOf('=') + 1)..] + "\n", addSpecialTokens: false)))));
    }
}
