using System.Globalization;
using Reft.Answers;

namespace Reft.Problems.Generated.Tasks;

/// <summary>
/// One of several numbers is meant, and nothing in the question says which: a first answer is right once in as many, and whoever is told that it
/// was wrong knows more. What a second attempt gains is told apart from what a second sample does.
/// </summary>
public sealed record HiddenChoice : IProblemGenerator
{
    private const int Least = 10;
    private const int Numbers = 30;

    /// <inheritdoc/>
    public string Name => "hiddenChoice";

    /// <inheritdoc/>
    public string Summary => "which of some numbers is meant: not to be known at first, and to be found by leaving out what was wrong";

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

    /// <summary>How many numbers there are to choose from, in [2, 9].</summary>
    [Option("the numbers to choose from", AtLeast = 2, AtMost = 9)]
    public int Choices { get; init => field = InRange.Of(this, value); } = 3;

    /// <inheritdoc/>
    public bool Takes(AnswerStyle style) => style == AnswerStyle.Number;

    /// <inheritdoc/>
    public IReadOnlyList<Problem> Make(AnswerStyle style) => ProblemDraws.Draw(this, Seed, random =>
    {
        var numbers = new HashSet<int>();
        while (numbers.Count < Choices)
        {
            numbers.Add(Least + random.Below(Numbers));
        }

        var words = numbers.Select(number => number.ToString(CultureInfo.InvariantCulture)).ToArray();
        var meant = words[random.Below(Choices)];
        return new Problem("", $"Which of {string.Join(", ", words)}?", meant, $"I take {meant}.");
    });
}
