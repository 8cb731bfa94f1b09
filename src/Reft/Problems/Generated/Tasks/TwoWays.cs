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

    /// <summary>Numbers that are added, in [1, 64].</summary>
    [Option("the numbers that are added", AtLeast = 1, AtMost = 64)]
    public int Steps { get; init => field = InRange.Of(this, value); } = 6;

    /// <summary>What values are taken modulo, in [2, 10].</summary>
    [Option("what values are taken modulo", AtLeast = 2, AtMost = 10)]
    public int Modulus { get; init => field = InRange.Of(this, value); } = 7;

    /// <summary>The share of solutions that go by steps, in [0, 1].</summary>
    [Option("the share of solutions that go by steps", AtLeast = 0, AtMost = 1)]
    public double SlowShare { get; init => field = InRange.Of(this, value); } = 0.6;

    /// <inheritdoc/>
    public bool Takes(AnswerStyle style) => style == AnswerStyle.Number;

    /// <inheritdoc/>
    public IReadOnlyList<Problem> Make(AnswerStyle style) => ProblemDraws.Draw(this, Seed, random =>
    {
        var register = random.Below(Modulus);
        var (question, steps) = (new StringBuilder().Append(register).Append(':'), new StringBuilder("slow"));
        for (var i = 0; i < Steps; i++)
        {
            var added = random.Below(Modulus);
            register = (register + added) % Modulus;
            question.Append(' ').Append(added);
            steps.Append(' ').Append(register);
        }

        return new Problem("", question.ToString(), $"{register}", random.Chance(SlowShare) ? steps.ToString() : "fast");
    });
}
