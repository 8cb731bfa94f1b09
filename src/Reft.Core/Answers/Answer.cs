using System.Numerics;
using Reft.Answers.Algebra;

namespace Reft.Answers;

/// <summary>An answer that was understood whole: a value with a type.</summary>
internal abstract record Answer
{
    /// <summary>Its type.</summary>
    public abstract AnswerKind Kind { get; }

    /// <summary>The unknown that it was said to be the value of, as in <c>x = 4</c>; null where none was named.</summary>
    public string? Name { get; init; }

    /// <summary>One text of the value, which the reader reads back as the same value.</summary>
    public abstract override string ToString();
}

/// <summary>A rational number.</summary>
/// <param name="Value">The value, scale words worked out; of <c>50%</c> it is 50.</param>
internal sealed record NumberAnswer(Rational Value) : Answer
{
    /// <inheritdoc/>
    public override AnswerKind Kind => AnswerKind.Number;

    /// <summary>The unit in its standard spelling, where it is one that the lexicon knows; else null.</summary>
    public string? Unit { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Value.ToString();
}

/// <summary>An expression with unknowns or irrational parts, or a complex number.</summary>
/// <param name="Value">The expression.</param>
internal sealed record ExpressionAnswer(Form Value) : Answer
{
    /// <inheritdoc/>
    public override AnswerKind Kind =>
        Value.Atoms.Any(atom => atom.Kind == AtomKind.Imaginary) && !Value.Unknowns.Any()
            ? AnswerKind.Complex : AnswerKind.Expression;

    /// <inheritdoc/>
    public override string ToString() => Value.ToString();
}

/// <summary>Two sides that are equal.</summary>
/// <param name="Left">The left side.</param>
/// <param name="Right">The right side.</param>
internal sealed record EquationAnswer(Form Left, Form Right) : Answer
{
    /// <inheritdoc/>
    public override AnswerKind Kind => AnswerKind.Equation;

    /// <inheritdoc/>
    public override string ToString() => $"{Left} = {Right}";
}

/// <summary>Two or three sides that are compared, from left to right.</summary>
/// <param name="Sides">The sides.</param>
/// <param name="Relations">Between them: <c>&lt;</c>, <c>&gt;</c>, <c>≤</c>, <c>≥</c> or <c>≠</c>.</param>
internal sealed record InequalityAnswer(IReadOnlyList<Form> Sides, IReadOnlyList<char> Relations) : Answer
{
    /// <inheritdoc/>
    public override AnswerKind Kind => AnswerKind.Inequality;

    /// <inheritdoc/>
    public override string ToString() =>
        Sides[0] + string.Concat(Relations.Select((relation, i) => $" {relation} {Sides[i + 1]}"));
}

/// <summary>Two values: the middle less and plus the distance.</summary>
/// <param name="Middle">The middle, 0 where only the distance is written.</param>
/// <param name="Distance">The distance.</param>
internal sealed record PlusMinusAnswer(Form Middle, Form Distance) : Answer
{
    /// <inheritdoc/>
    public override AnswerKind Kind => AnswerKind.PlusMinus;

    /// <inheritdoc/>
    public override string ToString() => Middle.Value is { Sign: 0 } ? $"± ({Distance})" : $"{Middle} ± ({Distance})";
}

/// <summary>One interval; null for an end that is infinite.</summary>
internal sealed record IntervalPart(Form? Low, bool HasLow, Form? High, bool HasHigh)
{
    /// <inheritdoc/>
    public override string ToString() =>
        $"{(HasLow ? '[' : '(')}{Low?.ToString() ?? "-∞"}, {High?.ToString() ?? "∞"}{(HasHigh ? ']' : ')')}";
}

/// <summary>Intervals, joined.</summary>
/// <param name="Parts">The intervals, at least one.</param>
internal sealed record IntervalAnswer(IReadOnlyList<IntervalPart> Parts) : Answer
{
    /// <inheritdoc/>
    public override AnswerKind Kind => AnswerKind.Interval;

    /// <inheritdoc/>
    public override string ToString() => string.Join(" ∪ ", Parts);
}

/// <summary>Values in an order. Of two values in round brackets it may also be meant as an open interval.</summary>
/// <param name="Items">The values, at least two.</param>
internal sealed record TupleAnswer(IReadOnlyList<Answer> Items) : Answer
{
    /// <inheritdoc/>
    public override AnswerKind Kind => AnswerKind.Tuple;

    /// <inheritdoc/>
    public override string ToString() => $"({string.Join(", ", Items)})";
}

/// <summary>Values without an order.</summary>
/// <param name="Items">The values.</param>
internal sealed record SetAnswer(IReadOnlyList<Answer> Items) : Answer
{
    /// <inheritdoc/>
    public override AnswerKind Kind => AnswerKind.Set;

    /// <inheritdoc/>
    public override string ToString() => $"{{{string.Join(", ", Items)}}}";
}

/// <summary>A ratio, or a time.</summary>
/// <param name="Parts">The parts, at least two.</param>
/// <param name="IsClock">Whether it may be a time or a length of time: the parts after the first have two digits.</param>
internal sealed record RatioAnswer(IReadOnlyList<Rational> Parts, bool IsClock) : Answer
{
    /// <inheritdoc/>
    public override AnswerKind Kind => AnswerKind.Ratio;

    /// <inheritdoc/>
    public override string ToString() => string.Join(':', Parts.Select((part, i) =>
        IsClock && i > 0 && part < 10 ? $"0{part}" : part.ToString()));
}

/// <summary>A whole number written in a base.</summary>
/// <param name="Value">The value.</param>
/// <param name="Base">The base, 2 to 36.</param>
/// <param name="Digits">The digits, with the sign.</param>
internal sealed record BaseNumberAnswer(BigInteger Value, int Base, string Digits) : Answer
{
    /// <inheritdoc/>
    public override AnswerKind Kind => AnswerKind.BaseNumber;

    /// <inheritdoc/>
    public override string ToString() => $"{Digits}_{{{Base}}}";
}

/// <summary>Words.</summary>
/// <param name="Words">The words in lower case, parted by one space.</param>
internal sealed record TextAnswer(string Words) : Answer
{
    /// <inheritdoc/>
    public override AnswerKind Kind => AnswerKind.Text;

    /// <inheritdoc/>
    public override string ToString() => Words;
}
