namespace Reft.Answers;

/// <summary>What was read as an answer: its canonical text, or why there is none.</summary>
/// <param name="Text">The answer's text, one per value; null where none was read.</param>
/// <param name="Reason">Why there is none; empty where there is one.</param>
public readonly record struct Reading(string? Text, string Reason)
{
    /// <summary>The exact value, where the answer is a number under the exact policy.</summary>
    public Rational? Number => (Value as NumberAnswer)?.Value;

    /// <summary>Whether <see cref="Number"/> came from floating point, so that it carries rounding.</summary>
    public bool IsFloat { get; init; }

    /// <summary>The value, where the answer is a number under the paper's policy.</summary>
    public double? FloatValue { get; init; }

    /// <summary>The answer with its type, under the exact policy; null where none was read, and for letters.</summary>
    internal Answer? Value { get; init; }

    internal static Reading None(string reason) => new(null, reason);

    internal static Reading Of(Rational value) => Of(new NumberAnswer(value));

    internal static Reading Of(Answer answer) => new(answer.ToString(), "") { Value = answer };
}
