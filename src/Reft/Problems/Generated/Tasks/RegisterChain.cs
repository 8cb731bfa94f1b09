using System.Text;
using Reft.Answers;

namespace Reft.Problems.Generated.Tasks;

/// <summary>
/// A register that numbers are added to, <c>x_{i+1} = (x_i + k_i) mod m</c>: the question gives x₀ and the k, the solution is every further x,
/// and all of them are checked. Guessing is right once in m^steps.
/// </summary>
public sealed record RegisterChain : IProblemGenerator
{
    /// <inheritdoc/>
    public string Name => "registerChain";

    /// <inheritdoc/>
    public string Summary => "every value of a register that numbers are added to, modulo another; the whole chain is checked";

    /// <inheritdoc/>
    public required GeneratedSplit Split { get; init; }

    /// <inheritdoc/>
    public required int Count { get; init; }

    /// <inheritdoc/>
    public int? Solutions { get; init; }

    /// <summary>The seed of the draws.</summary>
    public ulong Seed { get; init; }

    /// <summary>Numbers that are added, in [1, 64].</summary>
    public int Steps { get; init; } = 6;

    /// <summary>m, in [2, 10]: every value is one digit.</summary>
    public int Modulus { get; init; } = 7;

    /// <summary>
    /// The probability in [0, 1] that a value in a solution is another number than the right one, which the next value goes on from all the
    /// same. Answers are always right.
    /// </summary>
    public double SlipRate { get; init; }

    /// <inheritdoc/>
    public string? Form => "wholeSolution";

    /// <inheritdoc/>
    public bool Takes(AnswerStyle style) => style == AnswerStyle.Number;

    /// <inheritdoc/>
    public IReadOnlyList<Problem> Make(AnswerStyle style) => ProblemDraws.Draw(this, Seed, random =>
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
    });

    /// <summary>Every value that is out of range, each line beginning with its path.</summary>
    public IReadOnlyList<string> Validate(string path) => ProblemDraws.Errors(
        this,
        path,
        (Steps is >= 1 and <= 64, "steps", Steps, "between 1 and 64"),
        (Modulus is >= 2 and <= 10, "modulus", Modulus, "between 2 and 10"),
        (SlipRate is >= 0 and <= 1, "slipRate", SlipRate, "between 0 and 1"));
}
