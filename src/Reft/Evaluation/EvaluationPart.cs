using Reft.Generation;
using Reft.Verification;

namespace Reft.Evaluation;

/// <summary>
/// Shares of an evaluation's items, each in [0, 1]. The outcomes' add up to 1; the last two cut across them.
/// </summary>
public sealed record EvaluationShares
{
    /// <summary>The answer equals the known one.</summary>
    public required double Correct { get; init; }

    /// <summary>Another answer was read.</summary>
    public required double Incorrect { get; init; }

    /// <summary>No answer could be read.</summary>
    public required double NoAnswer { get; init; }

    /// <summary>A program did not end within its budget.</summary>
    public required double Timeout { get; init; }

    /// <summary>A program failed, or the prompt was too long.</summary>
    public required double Error { get; init; }

    /// <summary>The completion ended at its length.</summary>
    public required double Truncated { get; init; }

    /// <summary>The prompt left no room for a completion.</summary>
    public required double PromptTooLong { get; init; }

    internal static EvaluationShares Of(IReadOnlyList<EvaluationItem> items)
    {
        return new()
        {
            Correct = Outcomes(Outcome.Correct),
            Incorrect = Outcomes(Outcome.Incorrect),
            NoAnswer = Outcomes(Outcome.NoAnswer),
            Timeout = Outcomes(Outcome.Timeout),
            Error = Outcomes(Outcome.Error),
            Truncated = Share(item => item.Finish == EvaluationFinish.Length),
            PromptTooLong = Share(item => item.Finish == EvaluationFinish.PromptTooLong),
        };

        double Outcomes(Outcome outcome) => Share(item => item.Outcome == outcome);

        double Share(Func<EvaluationItem, bool> holds) => (double)items.Count(holds) / items.Count;
    }
}

/// <summary>Every problem completed in one way: greedily, or by samples.</summary>
public sealed record EvaluationPart
{
    /// <summary>How tokens were drawn.</summary>
    public required SamplingOptions Sampling { get; init; }

    /// <summary>
    /// The share of right completions: with one completion a problem Wilson's interval, with several the bootstrap, both over groups of
    /// problems.
    /// </summary>
    public required Estimate Accuracy { get; init; }

    /// <summary>The mean reward, which may pay for wrong answers too.</summary>
    public required double Reward { get; init; }

    /// <summary>What became of the completions.</summary>
    public required EvaluationShares Shares { get; init; }

    /// <summary>Every completion: in the problems' order, and the samples of a problem together.</summary>
    public required IReadOnlyList<EvaluationItem> Items { get; init; }

    /// <summary>How many problems there are.</summary>
    internal int Problems => ProblemsOf(Items);

    /// <summary>Tokens of a completion on average, over those that there are; 0 where there are none.</summary>
    public double MeanTokens => Items.Where(item => item.Finish != EvaluationFinish.PromptTooLong)
        .Select(item => (double)item.Tokens).DefaultIfEmpty(0).Average();

    internal static EvaluationPart Of(
        SamplingOptions sampling, IReadOnlyList<EvaluationItem> items, IEnumerable<double> rewards) => new()
        {
            Sampling = sampling,
            Accuracy = AccuracyOf(items),
            Reward = rewards.Average(),
            Shares = EvaluationShares.Of(items),
            Items = items,
        };

    /// <summary>The share of right completions with its interval.</summary>
    internal static Estimate AccuracyOf(IReadOnlyList<EvaluationItem> items)
    {
        Cluster[] clusters = [.. items.GroupBy(item => item.DrawnWith, StringComparer.Ordinal)
            .Select(group => new Cluster(group.Count(item => item.IsCorrect), group.Count()))];
        return ProblemsOf(items) == items.Count ? Intervals.Wilson(clusters) : Intervals.ClusteredBootstrap(clusters);
    }

    private static int ProblemsOf(IEnumerable<EvaluationItem> items) => items.Select(item => item.Problem).Distinct(StringComparer.Ordinal).Count();
}
