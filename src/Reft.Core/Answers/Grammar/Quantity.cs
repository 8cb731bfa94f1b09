using Reft.Answers.Algebra;

namespace Reft.Answers.Grammar;

/// <summary>The value of a part of an answer, and how it was written.</summary>
/// <param name="Form">The value.</param>
internal sealed record Quantity(Form Form)
{
    /// <summary>
    /// Whether a rational value is worked out: <c>5</c>, <c>-1/2</c> and <c>2^3</c> are, <c>2 + 3</c> and <c>6·7</c> are not.
    /// </summary>
    public bool IsWorkedOut { get; init; } = true;

    /// <summary>Whether it is one number as it is written, so that a unit may follow.</summary>
    public bool IsLiteral { get; init; }

    /// <summary>Whether it was written as a factorial, which at the end of a sentence may be an exclamation.</summary>
    public bool IsFactorial { get; init; }

    /// <summary>Whether it is a quotient written on one line.</summary>
    public bool IsInlineQuotient { get; init; }

    /// <summary>How many decimals it was written with; −1 for none.</summary>
    public int Places { get; init; } = -1;

    /// <summary>The standard spelling of its unit; null for none or an unknown one.</summary>
    public string? Unit { get; init; }
}
