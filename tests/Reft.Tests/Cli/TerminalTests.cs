using Reft.Hosting;

namespace Reft.Tests.Cli;

public sealed class TerminalTests
{
    [Theory]
    [InlineData("pass  one two three", 99, "pass  one two three")]
    [InlineData("pass  one two three", 19, "pass  one two three")]
    [InlineData("pass  one two three", 18, "pass  one two|      three")]
    [InlineData("pass  one two three", 10, "pass  one|      two|      three")]
    [InlineData("pass  onetwothreefour", 10, "pass  onetwothreefour")]
    [InlineData("pass  onetwothreefour five", 10, "pass  onetwothreefour|      five")]
    [InlineData("name                    value", 9, "name                    value")]
    [InlineData("", 10, "")]
    public void Wrap_Width_BreaksBetweenWords(string text, int width, string expected)
    {
        var indent = text.StartsWith("name", StringComparison.Ordinal) ? 23 : 6;

        Assert.Equal(expected.Split('|'), Terminal.Wrap(text, indent, width));
    }
}
