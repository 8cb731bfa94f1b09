using Reft.Answers;

namespace Reft.Tests.Answers;

/// <summary>Known answers of MATH and OlympiadBench that are no plain numbers are never read as one.</summary>
public sealed class GoldKindTests
{
    [Theory]
    [InlineData("2314_5", AnswerKind.BaseNumber)]
    [InlineData("1011_{2}", AnswerKind.BaseNumber)]
    [InlineData("[-12,450]", AnswerKind.Interval)]
    [InlineData("(7,250,300)", AnswerKind.Tuple)]
    [InlineData("3i", AnswerKind.Complex)]
    [InlineData("4 - i", AnswerKind.Complex)]
    [InlineData("2a - 9b + 4 = 0", AnswerKind.Equation)]
    [InlineData("6r^3", AnswerKind.Expression)]
    [InlineData("12 - y", AnswerKind.Expression)]
    public void ReadGold_NoPlainNumber_HasItsOwnKind(string gold, AnswerKind kind)
    {
        var reading = new AnswerExtractor(AnswerPolicy.Exact, AnswerStyle.Number).ReadGold(gold);

        Assert.Equal(kind, reading.Value?.Kind);
        Assert.Null(reading.Number);
    }

    [Fact]
    public void ReadGold_Factorial_IsItsValueOrNothing()
    {
        var number = new AnswerExtractor(AnswerPolicy.Exact, AnswerStyle.Number).ReadGold(@"\frac{1}{10!}").Number;

        Assert.True(number is null || number == new Rational(1, 3_628_800), $"{number}");
    }
}
