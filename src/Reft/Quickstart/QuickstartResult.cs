using System.Text.RegularExpressions;
using Reft.Evaluation;
using Reft.Training.Runs;

namespace Reft.Quickstart;

/// <summary>One problem that supervised fine-tuning got wrong and ReFT got right, from the same questions.</summary>
/// <param name="Sft">The completion of supervised fine-tuning.</param>
/// <param name="Reft">ReFT's.</param>
internal sealed record QuickstartExample(EvaluationItem Sft, EvaluationItem Reft);

/// <summary>What the quickstart found on held-out problems.</summary>
/// <param name="Sft">Supervised fine-tuning.</param>
/// <param name="Reft">ReFT on the same questions.</param>
/// <param name="MoreAnswers">ReFT on those and more.</param>
/// <param name="SameQuestions">ReFT against supervised fine-tuning, both on the same questions.</param>
/// <param name="Answers">ReFT with more answers against ReFT without them.</param>
internal sealed partial record QuickstartResult(
    EvaluationResult Sft, EvaluationResult Reft, EvaluationResult MoreAnswers, EvaluationComparison SameQuestions, EvaluationComparison Answers)
{
    /// <summary>Reads the evaluations of the three runs.</summary>
    public static QuickstartResult Read(QuickstartConfigs configs)
    {
        var (sft, reft, more) = (Test(configs.Sft.Run), Test(configs.Reft.Run), Test(configs.MoreAnswers.Run));
        return new QuickstartResult(sft, reft, more, EvaluationComparison.Of(reft, sft), EvaluationComparison.Of(more, reft));
    }

    /// <summary>
    /// The share of programs that leave every sum to Python: that assign no number (<c>c = 42</c>) which their question does not give.
    /// </summary>
    public static double LeavesSums(IReadOnlyList<EvaluationItem> items) => items.Average(item =>
    {
        // The question stands in the prompt, and a completion begins after it.
        var given = Number().Matches(item.Prompt).Select(match => match.Value).ToHashSet(StringComparer.Ordinal);
        return Assigned().Matches(item.Completion).All(match => given.Contains(match.Groups[1].Value)) ? 1.0 : 0;
    });

    /// <summary>Some problems that ReFT learned and supervised fine-tuning did not.</summary>
    public IReadOnlyList<QuickstartExample> Examples(int count)
    {
        var after = Reft.Greedy.Items.ToDictionary(item => item.Problem);
        return [.. Sft.Greedy.Items.Where(item => !item.IsCorrect && after[item.Problem].IsCorrect)
            .Take(count).Select(item => new QuickstartExample(item, after[item.Problem]))];
    }

    private static EvaluationResult Test(string run) =>
        EvaluationFile.Read(Directory.GetFiles(new RunFolder(run).Evaluations, "step-*.test.json").Single());

    [GeneratedRegex(@"\d+")]
    private static partial Regex Number();

    [GeneratedRegex(@"^ *\w+ = (\d+)\r?$", RegexOptions.Multiline)]
    private static partial Regex Assigned();
}
