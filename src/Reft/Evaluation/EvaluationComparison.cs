using Reft.Answers;
using Reft.Problems;

namespace Reft.Evaluation;

/// <summary>Two evaluations of the same problems, problem by problem.</summary>
internal sealed record EvaluationComparison
{
    /// <summary>Greedy accuracy less the baseline's, with the paired bootstrap's interval.</summary>
    public required Estimate Greedy { get; init; }

    /// <summary>Sampled accuracy less the baseline's; null where one of the two has no samples.</summary>
    public required Estimate? Sampled { get; init; }

    /// <summary>Problems whose greedy completion is right now and was wrong in the baseline, by id.</summary>
    public required IReadOnlyList<string> Gained { get; init; }

    /// <summary>Problems whose greedy completion is wrong now and was right in the baseline, by id.</summary>
    public required IReadOnlyList<string> Lost { get; init; }

    /// <summary>Groups of problems that have more right greedy completions now than in the baseline.</summary>
    public required int GroupsGained { get; init; }

    /// <summary>Groups of problems that have fewer.</summary>
    public required int GroupsLost { get; init; }

    /// <summary>The p-value of McNemar's exact test on the greedy completions, with one coin a group of problems.</summary>
    public double PValue => McNemar.PValue(GroupsGained, GroupsLost);

    /// <summary>What else differs between the two, in words, so that nobody takes it for the model's doing.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>Compares an evaluation with a baseline.</summary>
    /// <exception cref="InputException">The baseline is of other problems, as <see cref="Check"/> says.</exception>
    public static EvaluationComparison Of(EvaluationResult result, EvaluationResult baseline)
    {
        CheckSame(result.Greedy.Items.Select(item => (item.Problem, item.Gold)), result.Policy, baseline);
        var wasRight = baseline.Greedy.Items.Where(item => item.IsCorrect).Select(item => item.Problem).ToHashSet();
        var flipped = result.Greedy.Items.Where(item => item.IsCorrect != wasRight.Contains(item.Problem)).ToArray();
        int[] groups = [.. flipped.GroupBy(item => item.DrawnWith, StringComparer.Ordinal)
            .Select(group => Math.Sign(group.Sum(item => item.IsCorrect ? 1 : -1)))];
        return new EvaluationComparison
        {
            GroupsGained = groups.Count(sign => sign > 0),
            GroupsLost = groups.Count(sign => sign < 0),
            Greedy = Difference(result.Greedy, baseline.Greedy),
            Sampled = result.Sampled is { } now && baseline.Sampled is { } then ? Difference(now, then) : null,
            Gained = [.. flipped.Where(item => item.IsCorrect).Select(item => item.Problem)],
            Lost = [.. flipped.Where(item => !item.IsCorrect).Select(item => item.Problem)],
            Notes = [.. ComparisonNotes.Of(result, baseline)],
        };
    }

    /// <summary>Refuses a baseline that does not fit these problems. Ask before evaluating.</summary>
    /// <param name="problems">The problems.</param>
    /// <param name="policy">How their answers will be read.</param>
    /// <param name="baseline">The baseline.</param>
    /// <exception cref="InputException">It is of other problems or known answers, or was judged under another policy;
    /// the message names the first.</exception>
    public static void Check(IEnumerable<Problem> problems, AnswerPolicy policy, EvaluationResult baseline) =>
        CheckSame(problems.Select(problem => (problem.Id, problem.Answer)), policy, baseline);

    private static void CheckSame(
        IEnumerable<(string Problem, string Gold)> problems, AnswerPolicy policy, EvaluationResult baseline)
    {
        if (policy != baseline.Policy)
        {
            throw new InputException(
                $"answers are read by policy {Name(policy)}, in the baseline by policy {Name(baseline.Policy)}; "
                + "evaluate both under one policy");
        }

        var golds = baseline.Greedy.Items.ToDictionary(item => item.Problem, item => item.Gold, StringComparer.Ordinal);
        foreach (var (problem, gold) in problems)
        {
            if (!golds.Remove(problem, out var other))
            {
                throw Different($"problem {OneLine.Quote(problem)} is not in the baseline");
            }

            if (other != gold)
            {
                throw Different(
                    $"the known answer of problem {OneLine.Quote(problem)} is {OneLine.Quote(gold)}, in the baseline "
                    + OneLine.Quote(other));
            }
        }

        if (golds.Count > 0)
        {
            var first = baseline.Greedy.Items.First(item => golds.ContainsKey(item.Problem)).Problem;
            throw Different($"problem {OneLine.Quote(first)} is in the baseline alone");
        }
    }

    private static string Name(AnswerPolicy policy) => policy.ToString().ToLowerInvariant();

    private static InputException Different(string why) => new(
        $"the two evaluations are not of the same problems: {why}; compare evaluations of one problem file");

    private static Estimate Difference(EvaluationPart result, EvaluationPart baseline)
    {
        var before = Shares(baseline).ToDictionary(pair => pair.Problem, pair => pair.Share, StringComparer.Ordinal);
        var now = Shares(result).ToArray();
        return Intervals.PairedBootstrap(
            [.. now.Select(share => share.Share - before[share.Problem])], [.. now.Select(share => share.Group)]);
    }

    private static IEnumerable<(string Problem, string Group, double Share)> Shares(EvaluationPart part) => part.Items
        .GroupBy(item => item.Problem, StringComparer.Ordinal)
        .Select(group => (group.Key, group.First().DrawnWith, group.Average(item => item.IsCorrect ? 1.0 : 0)));
}
