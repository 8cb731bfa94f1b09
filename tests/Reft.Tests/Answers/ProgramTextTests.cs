using Reft.Answers;
using Reft.Python;

namespace Reft.Tests.Answers;

public sealed class ProgramTextTests
{
    [Theory]
    [InlineData("plain")]
    [InlineData("ends in \"it\"")]
    [InlineData("\"it\" begins")]
    [InlineData("three \"\"\" marks")]
    [InlineData("a back\\slash and \\n")]
    [InlineData("a last backslash\\")]
    [InlineData("both\\\"")]
    [InlineData("\"")]
    [InlineData("a\n\nblank line")]
    [InlineData("two\nlines\n \t\nmore")]
    [InlineData("a\r\nb")]
    [InlineData("tab\tand ünï ½")]
    public void HeaderFor_AnyQuestion_ReadsBackTheSameUnderBothPolicies(string question)
    {
        var program = ProgramText.HeaderFor(question) + "    return solution.__doc__";

        foreach (var text in (string[])[program, PaperProgramText.Prepare(program)])
        {
            var result = new ManagedEngine().Run(
                text, new ProgramLimits(), cancellation: TestContext.Current.CancellationToken);
            Assert.Equal(question, result.Value?.Text);
        }
    }
}
