using Reft.Answers;

namespace Reft.Tests.Answers;

public sealed class AnswerComparisonTests
{
    private static readonly AnswerComparison _exact = new();

    [Theory]
    [InlineData("18", "18", true)]
    [InlineData("18.001", "18", false)] // A whole known answer and an exact one: the same or not.
    [InlineData("3.33", "3.3333333333333335", true)] // 0.0033 apart.
    [InlineData("3.3", "3.3333333333333335", false)] // 0.033 apart.
    [InlineData("0.04", "0.036", false)] // 0.004 apart, but 11 % of the answer.
    [InlineData("2.505", "2.5", true)] // Exactly 0.005 apart.
    [InlineData("2.5051", "2.5", false)]
    [InlineData("1/3", "0.3333", true)]
    [InlineData("1000000.01", "1000000.5", false)]
    [InlineData("0", "0.001", false)]
    public void Equal_WrittenAnswers_FollowTheTolerance(string answer, string gold, bool expected) =>
        Assert.Equal(expected, _exact.Equal(Number(answer), isFloat: false, Number(gold)));

    [Fact]
    public void Equal_FloatNoiseAtAWholeAnswer_IsEqual() =>
        Assert.True(_exact.Equal(Rational.FromDouble(0.1 + 0.2), isFloat: true, Number("0.3")));

    [Fact]
    public void Equal_FloatNearZero_IsEqualWithinTheNoise()
    {
        Assert.True(_exact.Equal(Rational.FromDouble(1e-12), isFloat: true, 0));
        Assert.False(_exact.Equal(Rational.FromDouble(1e-6), isFloat: true, 0));
    }

    [Theory]
    [InlineData(18.005, 18, true)]
    [InlineData(18.02, 18, false)]
    [InlineData(double.NaN, double.NaN, false)]
    [InlineData(double.PositiveInfinity, double.PositiveInfinity, false)]
    [InlineData(0.001, 0.009, true)]
    public void PaperEqual_IsAnAbsoluteHundredth(double answer, double gold, bool expected) =>
        Assert.Equal(expected, AnswerComparison.PaperEqual(answer, gold));

    [Fact]
    public void Create_NegativeTolerance_NamesIt() => Assert.Contains(
        "tolerance.absolute is -1",
        Assert.Throws<InputException>(() => new AnswerComparison(new Tolerance { Absolute = -1 })).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Create_WiderTolerance_IsUsed()
    {
        var wide = new AnswerComparison(new Tolerance { Absolute = 1, Relative = 1 });

        Assert.True(wide.Equal(Number("3.3"), isFloat: false, Number("3.5")));
        Assert.False(_exact.Equal(Number("3.3"), isFloat: false, Number("3.5")));
    }

    [Fact]
    public void Create_NoNoise_RefusesIt() =>
        Assert.False(new AnswerComparison(new Tolerance { Noise = 0 })
            .Equal(Rational.FromDouble(1e-12), isFloat: true, 0));

    private static Rational Number(string text)
    {
        Assert.True(NumberReader.TryParse(text, out var value));
        return value;
    }
}
