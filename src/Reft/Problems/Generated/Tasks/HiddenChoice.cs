using System.Globalization;
using Reft.Answers;
using Reft.Numerics;

namespace Reft.Problems.Generated.Tasks;

/// <summary>
/// One of several numbers is meant, and nothing in the question says which: a first answer is right once in as many, and whoever is told that it
/// was wrong knows more. What a second attempt gains is told apart from what a second sample does.
/// </summary>
internal sealed record HiddenChoice : DrawnProblems
{
    private const int Least = 10;
    private const int Numbers = 30;

    /// <inheritdoc/>
    public override string Name => "hiddenChoice";

    /// <inheritdoc/>
    public override string Summary => "which of some numbers is meant: not to be known at first, and to be found by leaving out what was wrong";

    /// <summary>How many numbers there are to choose from, in [2, 9].</summary>
    [Option("the numbers to choose from", AtLeast = 2, AtMost = 9)]
    public int Choices { get; init => field = InRange.Of(this, value); } = 3;

    /// <inheritdoc/>
    public override bool Takes(AnswerStyle style) => style == AnswerStyle.Number;

    /// <inheritdoc/>
    protected override Problem Draw(CounterRandom random)
    {
        var numbers = new HashSet<int>();
        while (numbers.Count < Choices)
        {
            numbers.Add(Least + random.Below(Numbers));
        }

        var words = numbers.Select(number => number.ToString(CultureInfo.InvariantCulture)).ToArray();
        var meant = words[random.Below(Choices)];
        return new Problem("", $"Which of {string.Join(", ", words)}?", meant, $"I take {meant}.");
    }
}
