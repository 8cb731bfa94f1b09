namespace Reft.Evaluation;

/// <summary>Two evaluations of the same problems, problem by problem.</summary>
public sealed record EvaluationComparison
{
    /// <summary>Greedy accuracy less the baseline's, with the paired bootstrap's interval.</summary>
    public required Estimate Greedy { get; init; }

    /// <summary>Sampled accuracy less the baseline's; null where one of the two has no samples.</summary>
    public required Estimate? Sampled { get; init; }

    /// <summary>Problems whose greedy completion is right now and was wrong in the baseline, by id.</summary>
    public required IReadOnlyList<string> Gained { get; init; }

    /// <summary>Problems whose greedy completion is wrong now and was right in the baseline, by id.</summary>
    public required IReadOnlyList<string> Lost { get; init; }

    /// <summary>The p-value of McNemar's exact test on the greedy completions.</summary>
    public double PValue => McNemar.PValue(Gained.Count, Lost.Count);

    /// <summary>Compares an evaluation with a baseline.</summary>
    /// <exception cref="InputException">They are of different problems or known answers, or judged differently; the
    /// message names the first.</exception>
    public static EvaluationComparison Of(EvaluationResult result, EvaluationResult baseline)
    {
        if (result.Policy != baseline.Policy)
        {
            throw new InputException(
                "the answers of the two evaluations are read by different policies, "
                + $"{Name(result)} and {Name(baseline)}; evaluate both under one policy");
        }

        CheckSame(result.Greedy, baseline.Greedy);
        var wasRight = baseline.Greedy.Items.Where(item => item.IsCorrect).Select(item => item.Problem).ToHashSet();
        var flipped = result.Greedy.Items.Where(item => item.IsCorrect != wasRight.Contains(item.Problem)).ToArray();
        return new EvaluationComparison
        {
            Greedy = Difference(result.Greedy, baseline.Greedy),
            Sampled = result.Sampled is { } now && baseline.Sampled is { } then ? Difference(now, then) : null,
            Gained = [.. flipped.Where(item => item.IsCorrect).Select(item => item.Problem)],
            Lost = [.. flipped.Where(item => !item.IsCorrect).Select(item => item.Problem)],
        };
    }

    private static string Name(EvaluationResult result) => result.Policy.ToString().ToLowerInvariant();

    private static void CheckSame(EvaluationPart result, EvaluationPart baseline)
    {
        var golds = baseline.Items.ToDictionary(item => item.Problem, item => item.Gold, StringComparer.Ordinal);
        foreach (var item in result.Items)
        {
            if (!golds.Remove(item.Problem, out var gold))
            {
                throw Different($"problem {OneLine.Quote(item.Problem)} is not in the baseline");
            }

            if (gold != item.Gold)
            {
                throw Different(
                    $"the known answer of problem {OneLine.Quote(item.Problem)} is {OneLine.Quote(item.Gold)}, in the "
                    + $"baseline {OneLine.Quote(gold)}");
            }
        }

        if (golds.Count > 0)
        {
            var first = baseline.Items.First(item => golds.ContainsKey(item.Problem)).Problem;
            throw Different($"problem {OneLine.Quote(first)} is in the baseline alone");
        }
    }

    private static InputException Different(string why) => new(
        $"the two evaluations are not of the same problems: {why}; compare evaluations of one problem file");

    private static Estimate Difference(EvaluationPart result, EvaluationPart baseline)
    {
        var before = Shares(baseline).ToDictionary(pair => pair.Problem, pair => pair.Share, StringComparer.Ordinal);
        return Intervals.PairedBootstrap([.. Shares(result).Select(pair => pair.Share - before[pair.Problem])]);
    }

    private static IEnumerable<(string Problem, double Share)> Shares(EvaluationPart part) => part.Items
        .GroupBy(item => item.Problem, StringComparer.Ordinal)
        .Select(group => (group.Key, group.Average(item => item.IsCorrect ? 1.0 : 0)));
}
