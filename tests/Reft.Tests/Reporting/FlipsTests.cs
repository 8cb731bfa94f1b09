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
}
