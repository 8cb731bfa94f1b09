using Reft.Answers;
using Reft.Problems;
using Reft.Problems.Files;
using Reft.Text;

namespace Reft.Tests.Text;

public sealed class PromptTemplateTests
{
    private static readonly Problem _problem = new("p", " How many? ", " 208.0 ", " First.\nThen. ");

    [Fact]
    public void Number_PromptAndTarget_AreThePapersStrings()
    {
        var template = new PromptTemplate();

        Assert.Equal("Question:\nHow many?\nAnswer reasoning:\n", template.Prompt(_problem.Question));
        Assert.Equal("First.\nThen.\nTherefore, the answer is: 208.0", template.Target(_problem));
        Assert.Equal("", template.Given(_problem.Question));
    }

    [Fact]
    public void Program_Target_IsTheProgramAlone()
    {
        var problem = _problem with { Solution = "def solution():\n    return 208\n" };

        Assert.Equal("def solution():\n    return 208",
            new PromptTemplate { Style = AnswerStyle.Program }.Target(problem));
    }

    [Fact]
    public void Program_GivenHeader_MovesFromTargetToPrompt()
    {
        var template = new PromptTemplate { Style = AnswerStyle.Program, GiveProgramHeader = true };
        var problem = _problem with
        {
            Solution =
            "def solution():\n    \"\"\"How many?\"\"\"\n    result = 208\n    return result"
        };

        Assert.Equal(
            "Question:\nHow many?\nAnswer reasoning:\ndef solution():\n    \"\"\"How many?\"\"\"\n", template.Prompt(problem.Question));
        Assert.Equal("    result = 208\n    return result", template.Target(problem));
        Assert.Equal(problem.Solution, template.Given(problem.Question) + template.Target(problem));
    }

    [Fact]
    public void Program_GivenHeaderThatTheSolutionLacks_NamesTheProblem() => Assert.Contains(
        "problem 'p' does not begin with",
        Assert.Throws<InputException>(() => new PromptTemplate { Style = AnswerStyle.Program, GiveProgramHeader = true }
            .Target(_problem with { Solution = "def solution():\n    return 208" })).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Target_NoSolution_NamesTheProblem() => Assert.Contains(
        "problem 'p' has no solution",
        Assert.Throws<InputException>(() => new PromptTemplate().Target(_problem with { Solution = null })).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Validate_HeaderForWords_IsAnError()
    {
        Assert.Single(new PromptTemplate { GiveProgramHeader = true }.Validate("prompt"));
        Assert.Empty(new PromptTemplate { GiveProgramHeader = true, Style = AnswerStyle.Program }.Validate("prompt"));
    }

    [Theory]
    [InlineData("plain 'quotes' and \"quotes\" inside", "plain 'quotes' and \"quotes\" inside")]
    [InlineData("ends in \"it\"", "ends in \"it\\\"")]
    [InlineData("\"it\" begins", "\\\"it\" begins")]
    [InlineData("three \"\"\" marks", "three \\\"\\\"\\\" marks")]
    [InlineData("a \\ backslash", "a \\\\ backslash")]
    [InlineData("two\nlines", "two\nlines")]
    [InlineData("a\n\nblank", "a\\n\\nblank")]
    [InlineData("a\r\nb", "a\\r\nb")]
    public void HeaderFor_QuestionThatWouldBreakTheDocstring_IsEscaped(string question, string expected)
    {
        Assert.Equal($"def solution():\n    \"\"\"{expected}\"\"\"\n", ProgramText.HeaderFor(question));
        Assert.Equal(question != expected, ProgramText.NeedsEscape(question));
    }

    [Fact]
    public void Program_GivenHeader_DropsADocstringThatWordsTheQuestionOtherwise() => Assert.Equal(
        "    return 208",
        new PromptTemplate { Style = AnswerStyle.Program, GiveProgramHeader = true }
            .Target(_problem with { Solution = "def solution():\n    \"\"\"Say how\n many.\"\"\"\n    return 208" }));

    [Fact]
    public void Program_GivenHeader_FitsEverySvampSolution()
    {
        var template = new PromptTemplate { Style = AnswerStyle.Program, GiveProgramHeader = true };
        var problems = new ProblemFile(SharedData.Require("data/svamp/svamp_python_sdp.json")).Load();

        Assert.Equal(3043, problems.Count);
        Assert.All(problems, problem =>
            Assert.EndsWith("\n" + template.Target(problem), problem.Solution, StringComparison.Ordinal));
    }
}
