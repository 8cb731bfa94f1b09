using System.Globalization;
using Reft.Answers;

namespace Reft.Problems.Generated.Tasks;

/// <summary>
/// Sums by one of two ways, as programs: <c>return (12 + 45 + 33)</c> leaves the sum to Python and is right where the numbers are copied, and
/// <c>return 90</c> does it in the head. A small model that has learned both is nearly always right by the first, and mostly wrong by the second;
/// which it takes is one token.
/// </summary>
public sealed record TwoWays : IProblemGenerator
{
    private const int Least = 10;
    private const int Numbers = 50;

    /// <inheritdoc/>
    public string Name => "twoWays";

    /// <inheritdoc/>
    public string Summary => "sums as programs that leave them to Python, or do them in the head";

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

    /// <summary>Numbers of a sum, in [2, 9].</summary>
    [Option("the numbers of a sum", AtLeast = 2, AtMost = 9)]
    public int Terms { get; init => field = InRange.Of(this, value); } = 3;

    /// <summary>The share of solutions that leave the sum to Python, in [0, 1].</summary>
    [Option("the share of solutions that leave the sum to Python", AtLeast = 0, AtMost = 1)]
    public double ReliableShare { get; init => field = InRange.Of(this, value); } = 0.6;

    /// <inheritdoc/>
    public bool Takes(AnswerStyle style) => style == AnswerStyle.Program;

    /// <inheritdoc/>
    public IReadOnlyList<Problem> Make(AnswerStyle style) => ProblemDraws.Draw(this, Seed, random =>
    {
        var numbers = Enumerable.Range(0, Terms).Select(_ => Least + random.Below(Numbers)).ToArray();
        var written = string.Join(" + ", numbers.Select(number => number.ToString(CultureInfo.InvariantCulture)));
        var sum = numbers.Sum().ToString(CultureInfo.InvariantCulture);
        var value = random.Chance(ReliableShare) ? $"({written})" : sum;
        return new Problem("", $"What is {written}?", sum, $"{ProgramText.Header}{ProgramText.Indent}return {value}");
    });
}
