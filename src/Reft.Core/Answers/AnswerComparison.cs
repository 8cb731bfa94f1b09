namespace Reft.Answers;

/// <summary>Whether two answers are the same.</summary>
public sealed class AnswerComparison
{
    private readonly Rational _absolute;
    private readonly Rational _relative;
    private readonly Rational _noise;

    /// <summary>Creates the comparison with its tolerance; null takes the default one.</summary>
    public AnswerComparison(Tolerance? tolerance = null)
    {
        tolerance ??= new Tolerance();
        if (tolerance.Validate("tolerance").FirstOrDefault() is { } error)
        {
            throw new InputException(error);
        }

        _absolute = Decimal(tolerance.Absolute);
        _relative = Decimal(tolerance.Relative);
        _noise = Decimal(tolerance.Noise);
    }

    /// <summary>The official rule: at most 0.01 apart in floating point; NaN and infinities equal nothing.</summary>
    public static bool PaperEqual(double answer, double gold) => Math.Abs(answer - gold) <= 1e-2;

    /// <summary>The exact policy's rule; see <see cref="Tolerance"/>.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="isFloat">Whether the answer came from floating point.</param>
    /// <param name="gold">The known answer.</param>
    public bool Equal(Rational answer, bool isFloat, Rational gold)
    {
        if (answer == gold)
        {
            return true;
        }

        if (gold.IsInteger && !isFloat)
        {
            return false;
        }

        var size = gold.Magnitude;
        var apart = (answer - gold).Magnitude;
        return (apart <= _absolute && apart <= _relative * size)
            || (isFloat && (apart <= _noise || apart <= _noise * size));
    }

    /// <summary>A double as the shortest decimal that means it, so that 0.005 is 5/1000.</summary>
    private static Rational Decimal(double value) =>
        NumberReader.TryParse(ExactText.Of(value), out var exact)
            ? exact : Rational.FromDouble(value);
}
