namespace Reft.Problems;

/// <summary>A question that occurs more than once, by <see cref="QuestionText.Normalize"/>.</summary>
/// <param name="Problems">Every problem that asks it, in order.</param>
internal sealed record RepeatedQuestion(IReadOnlyList<Problem> Problems)
{
    /// <summary>
    /// Whether the answers differ as written: then at least one of them is wrong, or written otherwise.
    /// </summary>
    public bool HasConflict => Problems.Any(problem => problem.Answer != Problems[0].Answer);
}

/// <summary>A test question that also stands in the training data.</summary>
/// <param name="Train">The first training problem that asks it.</param>
/// <param name="Test">The test problem.</param>
internal sealed record SharedQuestion(Problem Train, Problem Test);

/// <summary>Finds questions that are asked twice, within a set and across train and test.</summary>
internal static class RepeatedQuestions
{
    /// <summary>Every question that occurs more than once, in order of its first occurrence.</summary>
    public static IReadOnlyList<RepeatedQuestion> Within(IEnumerable<Problem> problems) =>
    [
        .. problems.GroupBy(problem => QuestionText.Normalize(problem.Question), StringComparer.Ordinal)
            .Where(group => group.Skip(1).Any())
            .Select(group => new RepeatedQuestion([.. group])),
    ];

    /// <summary>Every test problem whose question occurs in train, in test order.</summary>
    public static IReadOnlyList<SharedQuestion> Across(IEnumerable<Problem> train, IEnumerable<Problem> test)
    {
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(test);
        var known = new Dictionary<string, Problem>(StringComparer.Ordinal);
        foreach (var problem in train)
        {
            known.TryAdd(QuestionText.Normalize(problem.Question), problem);
        }

        return
        [
            .. test.Select(problem =>
                (Problem: problem, Seen: known.GetValueOrDefault(QuestionText.Normalize(problem.Question))))
                .Where(pair => pair.Seen is not null)
                .Select(pair => new SharedQuestion(pair.Seen!, pair.Problem)), // null was filtered out above
        ];
    }
}
