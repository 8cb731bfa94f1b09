using System.Text;
using Reft.Answers;
using Reft.Numerics;

namespace Reft.Problems.Generated.Tasks;

/// <summary>
/// A register that numbers are added to, <c>x_{i+1} = (x_i + k_i) mod m</c>: the question gives x₀ and the k, the solution is every further x,
/// and all of them are checked. Guessing is right once in m^steps.
/// </summary>
internal sealed record RegisterChain : DrawnProblems
{
    /// <inheritdoc/>
    public override string Name => "registerChain";

    /// <inheritdoc/>
    public override string Summary => "every value of a register that numbers are added to, modulo another; the whole chain is checked";

    /// <summary>Numbers that are added, in [1, 64].</summary>
    [Option("the numbers that are added", AtLeast = 1, AtMost = 64)]
    public int Steps { get; init => field = InRange.Of(this, value); } = 6;

    /// <summary>m, in [2, 10]: every value is one digit.</summary>
    [Option("what its values are taken modulo", AtLeast = 2, AtMost = 10)]
    public int Modulus { get; init => field = InRange.Of(this, value); } = 7;

    /// <summary>
    /// The probability in [0, 1] that a value in a solution is another number than the right one, which the next value goes on from all the
    /// same. Answers are always right.
    /// </summary>
    [Option("the probability that a value in a solution is wrong; the next ones and the answer are right all the same", AtLeast = 0, AtMost = 1)]
    public double SlipRate { get; init => field = InRange.Of(this, value); }

    /// <inheritdoc/>
    public override string? Form => "wholeSolution";

    /// <inheritdoc/>
    public override bool Takes(AnswerStyle style) => style == AnswerStyle.Number;

    /// <inheritdoc/>
    protected override Problem Draw(CounterRandom random)
    {
        var register = random.Below(Modulus);
        var (question, chain, solution) = (new StringBuilder().Append(register).Append(':'), new StringBuilder(), new StringBuilder());
        for (var i = 0; i < Steps; i++)
        {
            var added = random.Below(Modulus);
            register = (register + added) % Modulus;
            question.Append(added);
            chain.Append(register);
            solution.Append(SlipRate > 0 && random.Chance(SlipRate) ? (register + random.Between(1, Modulus - 1)) % Modulus : register);
        }

        return new Problem("", question.ToString(), chain.ToString(), solution.ToString());
    }
}
