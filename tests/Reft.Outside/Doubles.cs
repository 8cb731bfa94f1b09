using Reft.Answers;
using Reft.Problems;
using Reft.Problems.Generated;
using Reft.Supervision;

namespace Reft.Outside;

/// <summary>A generator of problems.</summary>
public sealed record Doubles : IProblemGenerator
{
    /// <inheritdoc/>
    public string Name => "doubles";

    /// <inheritdoc/>
    public string Summary => "twice a number";

    /// <inheritdoc/>
    [Option("which of the three sets")]
    public required GeneratedSplit Split { get; init; }

    /// <inheritdoc/>
    [Option("how many", AtLeast = 1)]
    public required int Count { get; init => field = InRange.Of(this, value); }

    /// <inheritdoc/>
    [Option("how many of them come with a solution; absent for all", AtLeast = 0)]
    public int? Solutions { get; init => field = InRange.Of(this, value); }

    /// <summary>The largest number, at least 1.</summary>
    [Option("the largest number", AtLeast = 1)]
    public int Most { get; init => field = InRange.Of(this, value); } = 99;

    /// <inheritdoc/>
    public bool Takes(AnswerStyle style) => true;

    /// <inheritdoc/>
    public IReadOnlyList<Problem> Make(AnswerStyle style) =>
        [.. Enumerable.Range(0, Count).Select(i => new Problem($"{Split}_{i}", $"Twice {i % Most}?", $"{2 * (i % Most)}", $"{i % Most} + {i % Most} = {2 * (i % Most)}."))];
}
