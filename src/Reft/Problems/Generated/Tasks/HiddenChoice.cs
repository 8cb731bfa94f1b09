using System.Globalization;
using Reft.Answers;

namespace Reft.Problems.Generated.Tasks;

/// <summary>
/// One of several numbers is meant, and nothing in the question says which: a first answer is right once in as many, and whoever is told that it
/// was wrong knows more. What a second attempt gains is told apart from what a second sample does.
/// </summary>
public sealed record HiddenChoice : IProblemGenerator
{
    private const int Numbers = 100;

    /// <inheritdoc/>
    public string Name => "hiddenChoice";

    /// <inheritdoc/>
    public string Summary => "which of some numbers is meant: not to be known at first, and to be found by leaving out what was wrong";

    /// <inheritdoc/>
    public required GeneratedSplit Split { get; init; }

    /// <inheritdoc/>
    public required int Count { get; init; }

    /// <inheritdoc/>
    public int? Solutions { get; init; }

    /// <summary>The seed of the draws.</summary>
    public ulong Seed { get; init; }

    /// <summary>How many numbers there are to choose from, in [2, 9].</summary>
    public int Choices { get; init; } = 3;

    /// <inheritdoc/>
    public bool Takes(AnswerStyle style) => style == AnswerStyle.Number;

    /// <inheritdoc/>
    public IReadOnlyList<Problem> Make(AnswerStyle style) => ProblemDraws.Draw(this, Seed, random =>
    {
        var numbers = new HashSet<int>();
        while (numbers.Count < Choices)
        {
            numbers.Add(random.Below(Numbers));
        }

        var words = numbers.Select(number => number.ToString("D2", CultureInfo.InvariantCulture)).ToArray();
        var meant = words[random.Below(Choices)];
        return new Problem("", $"Which of {string.Join(", ", words)}?", meant, $"I take {meant}.");
    });

    /// <summary>Every value that is out of range, each line beginning with its path.</summary>
    public IReadOnlyList<string> Validate(string path) =>
        ProblemDraws.Errors(this, path, (Choices is >= 2 and <= 9, "choices", Choices, "between 2 and 9"));
}
