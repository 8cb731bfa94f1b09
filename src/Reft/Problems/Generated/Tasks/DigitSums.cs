using System.Globalization;
using Reft.Answers;
using Reft.Numerics;

namespace Reft.Problems.Generated.Tasks;

/// <summary>
/// Sums of digits, one after the other: <c>3 + 8 = 11</c>, <c>11 + 5 = 16</c>. A share of solutions ends in a decoy, another value than the answer that is given
/// all the same, so that a model can be right whatever it thought; a share of known answers may be wrong.
/// </summary>
internal sealed record DigitSums : DrawnProblems
{
    private const int Digits = 10;

    /// <inheritdoc/>
    public override string Name => "digitSums";

    /// <inheritdoc/>
    public override string Summary => "sums of digits step by step; a share of solutions may end in another value than the answer, and a share of answers be wrong";

    /// <summary>Digits of a sum, in [2, 9].</summary>
    [Option("the digits of a sum", AtLeast = 2, AtMost = 9)]
    public int Terms { get; init => field = InRange.Of(this, value); } = 4;

    /// <summary>The probability in [0, 1] that a solution ends in another value than the sum.</summary>
    [Option("the probability that a solution ends in another value than the sum; its answer is right all the same", AtLeast = 0, AtMost = 1)]
    public double DecoyShare { get; init => field = InRange.Of(this, value); }

    /// <summary>The probability in [0, 1] that the known answer is wrong.</summary>
    [Option("the probability that the known answer is wrong; the solution is right all the same", AtLeast = 0, AtMost = 1)]
    public double WrongShare { get; init => field = InRange.Of(this, value); }

    /// <inheritdoc/>
    public override bool Takes(AnswerStyle style) => style == AnswerStyle.Number;

    /// <inheritdoc/>
    protected override Problem Draw(CounterRandom random)
    {
        var digits = Enumerable.Range(0, Terms).Select(_ => random.Below(Digits)).ToArray();
        var steps = Enumerable.Range(1, Terms - 1).Select(i => (Before: digits[..i].Sum(), Digit: digits[i], After: digits[..(i + 1)].Sum())).ToArray();
        var (isDecoy, isWrong) = (random.Chance(DecoyShare), random.Chance(WrongShare));
        var (decoy, wrong) = (Other(random, digits.Sum()), Other(random, digits.Sum()));
        var lines = steps.Select((step, i) => Invariant($"{step.Before} + {step.Digit} = {(isDecoy && i == steps.Length - 1 ? decoy : step.After)}"));
        return new Problem(
            "", $"What is {string.Join(" + ", digits.Select(digit => Invariant($"{digit}")))}?", Invariant($"{(isWrong ? wrong : digits.Sum())}"), string.Join('\n', lines));
    }

    /// <summary>Another number nearby, never below 0.</summary>
    private static int Other(CounterRandom random, int sum)
    {
        var away = random.Between(1, Digits - 1);
        return sum >= away && random.Chance(0.5) ? sum - away : sum + away;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
