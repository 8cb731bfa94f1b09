using System.Globalization;
using Reft.Answers;
using Reft.Numerics;

namespace Reft.Problems.Generated.Tasks;

/// <summary>
/// Sums by one of two ways, as programs: <c>return (12 + 45 + 33)</c> leaves the sum to Python and is right where the numbers are copied, and
/// <c>return 90</c> does it in the head. A small model that has learned both is nearly always right by the first, and mostly wrong by the second;
/// which it takes is one token.
/// </summary>
internal sealed record TwoWays : DrawnProblems
{
    private const int Least = 10;
    private const int Numbers = 50;

    /// <inheritdoc/>
    public override string Name => "twoWays";

    /// <inheritdoc/>
    public override string Summary => "sums as programs that leave them to Python, or do them in the head";

    /// <summary>Numbers of a sum, in [2, 9].</summary>
    [Option("the numbers of a sum", AtLeast = 2, AtMost = 9)]
    public int Terms { get; init => field = InRange.Of(this, value); } = 3;

    /// <summary>The share of solutions that leave the sum to Python, in [0, 1].</summary>
    [Option("the share of solutions that leave the sum to Python", AtLeast = 0, AtMost = 1)]
    public double ReliableShare { get; init => field = InRange.Of(this, value); } = 0.6;

    /// <inheritdoc/>
    public override bool Takes(AnswerStyle style) => style == AnswerStyle.Program;

    /// <inheritdoc/>
    protected override Problem Draw(CounterRandom random)
    {
        var numbers = Enumerable.Range(0, Terms).Select(_ => Least + random.Below(Numbers)).ToArray();
        var written = string.Join(" + ", numbers.Select(number => number.ToString(CultureInfo.InvariantCulture)));
        var sum = numbers.Sum().ToString(CultureInfo.InvariantCulture);
        var value = random.Chance(ReliableShare) ? $"({written})" : sum;
        return new Problem("", $"What is {written}?", sum, $"{ProgramText.Header}{ProgramText.Indent}return {value}");
    }
}
