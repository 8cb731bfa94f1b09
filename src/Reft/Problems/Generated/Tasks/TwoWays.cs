using System.Text;
using Reft.Answers;

namespace Reft.Problems.Generated.Tasks;

/// <summary>
/// The last value of a register that numbers are added to, modulo another, by one of two ways that the solution's first word names: <c>slow</c>
/// writes every value, <c>fast</c> none. A model that has learned both is right by the first, and mostly guesses by the second.
/// </summary>
public sealed record TwoWays : IProblemGenerator
{
    /// <inheritdoc/>
    public string Name => "twoWays";

    /// <inheritdoc/>
    public string Summary => "a sum modulo another number, by steps or at once, as the first word of the solution says";

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

    /// <summary>What values are taken modulo, in [2, 10].</summary>
    public int Modulus { get; init; } = 7;

    /// <summary>The share of solutions that go by steps, in [0, 1].</summary>
    public double SlowShare { get; init; } = 0.6;

    /// <inheritdoc/>
    public bool Takes(AnswerStyle style) => style == AnswerStyle.Number;

    /// <inheritdoc/>
    public IReadOnlyList<Problem> Make(AnswerStyle style) => ProblemDraws.Draw(this, Seed, random =>
    {
        var register = random.Below(Modulus);
        var (question, steps) = (new StringBuilder().Append(register).Append(':'), new StringBuilder("slow "));
        for (var i = 0; i < Steps; i++)
        {
            var added = random.Below(Modulus);
            register = (register + added) % Modulus;
            question.Append(added);
            steps.Append(register);
        }

        return new Problem("", question.ToString(), $"{register}", random.Chance(SlowShare) ? steps.ToString() : "fast");
    });

    /// <summary>Every value that is out of range, each line beginning with its path.</summary>
    public IReadOnlyList<string> Validate(string path) => ProblemDraws.Errors(
        this,
        path,
        (Steps is >= 1 and <= 64, "steps", Steps, "between 1 and 64"),
        (Modulus is >= 2 and <= 10, "modulus", Modulus, "between 2 and 10"),
        (SlowShare is >= 0 and <= 1, "slowShare", SlowShare, "between 0 and 1"));
}
