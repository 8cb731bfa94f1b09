using Reft.Verification.Audits;

namespace Reft.Tests.Answers;

public sealed class TextNumberTests
{
    [Theory]
    [InlineData("none", "")]
    [InlineData("3 cats, 4.5 dogs and 1,000 mice.", "3|4.5|1000")]
    [InlineData("$.50 or .25", "0.5|0.25")]
    [InlineData("12 200 kilobytes", "12|200|12200")]
    [InlineData("1 234 567", "1|234|1234|567|1234567")]
    [InlineData("in 2020 300 people", "2020|300")]
    [InlineData("48/2=24", "48|2|24")]
    [InlineData("1,23", "1|23")]
    [InlineData("7", "7")]
    public void In_Text_FindsNumbers(string text, string expected) =>
        Assert.Equal(expected, string.Join('|', TextNumbers.In(text)));
}
