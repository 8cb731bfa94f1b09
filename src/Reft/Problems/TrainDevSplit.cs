using Reft.Numerics;

namespace Reft.Problems;

/// <summary>
/// Parts problems by a hash of their normalised question, so that the same question is always on the same side
/// whatever file, order or company it comes in.
/// </summary>
/// <remarks>
/// A question's hash is a number u in [0, 1); it is in dev exactly when u &lt; <see cref="DevFraction"/>. The fraction
/// is
/// therefore an expectation, not a quota: with n distinct questions the dev count has mean n·f and standard deviation
/// √(n·f·(1−f)). In return, adding problems moves none of the others, and a larger fraction only adds to dev.
/// </remarks>
internal sealed record TrainDevSplit
{
    /// <summary>The expected share of distinct questions in dev, in [0, 1].</summary>
    public double DevFraction { get; init; } = 0.05;

    /// <summary>Another seed gives another, independent split.</summary>
    public ulong Seed { get; init; }

    /// <summary>What is wrong with the options, each line beginning with its path; empty when nothing is.</summary>
    public IEnumerable<string> Validate(string path)
    {
        if (!(DevFraction is >= 0 and <= 1))
        {
            yield return $"{path}.devFraction is {DevFraction}; it must be in [0, 1]";
        }
    }

    /// <summary>Whether a question belongs to dev.</summary>
    public bool IsDev(string question) =>
        CounterRandom.ToUnit(CounterRandom.Hash(Seed, QuestionText.Normalize(question))) < DevFraction;

    /// <summary>The problems of each side, in their order.</summary>
    public ProblemSplit Split(IEnumerable<Problem> problems)
    {
        ArgumentNullException.ThrowIfNull(problems);
        var sides = problems.ToLookup(problem => IsDev(problem.Question));
        return new ProblemSplit([.. sides[false]], [.. sides[true]]);
    }
}

/// <summary>The two sides of a split; they share no question.</summary>
/// <param name="Train">What is trained on.</param>
/// <param name="Dev">What checkpoints are chosen by.</param>
internal sealed record ProblemSplit(IReadOnlyList<Problem> Train, IReadOnlyList<Problem> Dev);
