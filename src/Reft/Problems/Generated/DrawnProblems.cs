using Reft.Answers;
using Reft.Numerics;

namespace Reft.Problems.Generated;

/// <summary>A generator that draws its problems one by one, each apart from the others.</summary>
public abstract record DrawnProblems : IProblemGenerator
{
    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <inheritdoc/>
    public abstract string Summary { get; }

    /// <inheritdoc/>
    [Option("which of the generator's three disjoint sets; dev may not be `test`")]
    public required GeneratedSplit Split { get; init; }

    /// <inheritdoc/>
    [Option("how many", AtLeast = 1)]
    public required int Count { get; init => field = InRange.Of(this, value); }

    /// <inheritdoc/>
    [Option("how many of them, the first ones, come with a solution; absent for all", AtLeast = 0, Note = "at most count")]
    public int? Solutions { get; init => field = InRange.Of(this, value); }

    /// <summary>The seed of the draws.</summary>
    [Option("the generator's seed")]
    public ulong Seed { get; init; }

    /// <inheritdoc/>
    public virtual string? Form => null;

    /// <inheritdoc/>
    public abstract bool Takes(AnswerStyle style);

    /// <inheritdoc/>
    public virtual IReadOnlyList<Problem> Make(AnswerStyle style) => ProblemDraws.Draw(this, Seed, Draw);

    /// <summary>Draws one problem, whose question says all of it; id and group are given to it.</summary>
    /// <param name="random">The draws.</param>
    protected abstract Problem Draw(CounterRandom random);
}
