using Reft.Hosting.Verbs;

namespace Reft.Tests.Cli;

public sealed class RankPlanTests
{
    [Theory]
    [InlineData("25Gb", 3.125e9)]
    [InlineData("3GB", 3e9)]
    [InlineData("100 Gbit/s", 12.5e9)]
    [InlineData("1.6Tb", 2e11)]
    [InlineData("800Mbps", 1e8)]
    public void Speed_IsBytesASecond(string text, double expected) => Assert.Equal(expected, RankPlan.Speed(text), 1e-3);

    [Theory]
    [InlineData("fast")]
    [InlineData("0Gb")]
    [InlineData("25")]
    [InlineData("-1Gb")]
    public void Speed_OfNoSpeed_IsRefused(string text) =>
        Assert.Contains("it must be a speed such as 25Gb", Assert.Throws<InputException>(() => RankPlan.Speed(text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("8B", 8e9)]
    [InlineData("500M", 5e8)]
    [InlineData("1234", 1234)]
    public void Count_IsANumberOfWeights(string text, double expected) => Assert.Equal(expected, RankPlan.Count(text), 1e-3);

    [Theory]
    [InlineData("big")]
    [InlineData("0B")]
    public void Count_OfNoNumber_IsRefused(string text) =>
        Assert.Contains("it must be a number of weights", Assert.Throws<InputException>(() => RankPlan.Count(text)).Message, StringComparison.Ordinal);
}
