namespace Reft.Answers;

/// <summary>The types of answers that the exact policy reads.</summary>
public enum AnswerKind
{
    /// <summary>One rational number: whole, decimal, fraction, mixed, in words; with a unit, a percent sign, a currency.</summary>
    Number,

    /// <summary>An expression that is no rational number, as in <c>w + 7</c> or <c>2\sqrt{3}</c>.</summary>
    Expression,

    /// <summary>A number with an imaginary part, as in <c>3 + 2i</c>.</summary>
    Complex,

    /// <summary>Two sides that are equal, with unknowns, as in <c>2x + y = 10</c>.</summary>
    Equation,

    /// <summary>Sides that are compared, as in <c>x &lt; 5</c>.</summary>
    Inequality,

    /// <summary>Two values at once, as in <c>±6</c> or <c>3 ± \sqrt{2}</c>.</summary>
    PlusMinus,

    /// <summary>All numbers between two, as in <c>[1, 5)</c>; also several such parts joined.</summary>
    Interval,

    /// <summary>Values in an order, as in <c>(3, 4, 5)</c>.</summary>
    Tuple,

    /// <summary>Values without an order, as in <c>\{1, 2\}</c> or <c>x = 3 or x = 8</c>.</summary>
    Set,

    /// <summary>A ratio or a time, as in <c>3:4</c>.</summary>
    Ratio,

    /// <summary>A number with its base, as in <c>4210_7</c>.</summary>
    BaseNumber,

    /// <summary>Words without any number. Read only where the kinds that are allowed name it.</summary>
    Text,
}
