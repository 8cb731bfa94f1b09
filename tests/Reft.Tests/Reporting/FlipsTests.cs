using System.Numerics;
using Reft.Reporting;

namespace Reft.Tests.Reporting;

public sealed class FlipsTests
{
    [Theory]
    [InlineData("ic", "gained 0 1")]
    [InlineData("inncc", "gained 2 3")]
    [InlineData("cccti", "lost 2 3")]
    [InlineData("icii", "wavered 1 2")]
    [InlineData("cicec", "wavered 3 4")]
    [InlineData("-i-c-", "gained 1 3")]
    [InlineData("iinte", "")]
    [InlineData("cccc", "")]
    [InlineData("--c-", "")]
    [InlineData("", "")]
    public void Find_Outcomes_SayHowAndWhen(string outcomes, string expected)
    {
        var flips = Flips.Find(new Dictionary<string, char[]> { ["p"] = outcomes.ToCharArray() });

        Assert.Equal(expected, string.Join(" ", flips.All.Select(f => $"{PageJson.Name(f.Kind)} {f.Before} {f.After}")));
    }

    [Theory]
    [InlineData(0, 5, 0.0625)] // 2 / 2^5
    [InlineData(4, 1, 0.375)] // 2 (1 + 5) / 2^5
    [InlineData(3, 3, 1)]
    [InlineData(0, 0, 1)]
    public void SignTest_SmallCounts_EqualsTheFraction(int a, int b, double expected) =>
        Assert.Equal(expected, DevChange.SignTest(a, b), 1e-12);

    [Fact]
    public void SignTest_LargeCounts_EqualsExactArithmetic()
    {
        var (tail, term) = (BigInteger.One, BigInteger.One);
        for (var k = 1; k <= 560; k++)
        {
            term = term * (1220 - k + 1) / k;
            tail += term;
        }

        var expected = Math.Exp(BigInteger.Log(2 * tail) - (1220 * Math.Log(2)));

        // Sums of 560 logarithms round.
        Assert.Equal(expected, DevChange.SignTest(660, 560), expected * 1e-9);
    }
}
