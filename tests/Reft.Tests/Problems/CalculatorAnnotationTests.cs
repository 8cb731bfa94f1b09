using Reft.Problems;
using Reft.Problems.Files;

namespace Reft.Tests.Problems;

public sealed class CalculatorAnnotationTests
{
    [Theory]
    [InlineData("no marks", "no marks")]
    [InlineData("a <<1+1=2>>2 b <<3=3>>3", "a 2 b 3")]
    [InlineData("open <<1+1", "open <<1+1")]
    [InlineData("<<>>", "")]
    public void Strip_TakesAnnotationsOut(string text, string expected) =>
        Assert.Equal(expected, CalculatorAnnotations.Strip(text));

    [Theory]
    [InlineData("none", "2")] // No annotation.
    [InlineData("<<1+1=3>>3", "3")] // It does not hold.
    [InlineData("<<1+1=2>>2", "5")] // It is not the answer.
    [InlineData("<<1/0=1>>1", "1")]
    [InlineData("<<x+1=2>>2", "2")]
    [InlineData("<<1+1>>2", "2")]
    [InlineData("<<1+1=2>>2", "two")]
    [InlineData("<<((((1+1=2>>2", "2")]
    public void ToProgram_WhereNothingIsDetermined_IsNull(string solution, string answer) =>
        Assert.Null(CalculatorAnnotations.ToProgram("Q?", solution, answer));

    [Theory]
    [InlineData("<<.5*4=2>>2", "2", "step_1 = 0.5*4")]
    [InlineData("<<05+1=6>>6", "6", "step_1 = 5+1")]
    [InlineData("<<(2+4)/3=2>>2", "2", "step_1 = (2+4)/3")]
    [InlineData("<<-3+5=2>>2", "2", "step_1 = -3+5")]
    [InlineData("<<7//2=3>>3", "3", "step_1 = 7//2")]
    [InlineData("<<0.1+0.2=0.3>>", "0.3", "step_1 = 0.1+0.2")]
    public void ToProgram_EveryNotation_IsKeptAsPython(string solution, string answer, string statement) =>
        Assert.Contains(statement, CalculatorAnnotations.ToProgram("Q?", solution, answer)!, StringComparison.Ordinal);

    [Fact]
    public void ToProgram_NumberThatTheQuestionGives_StaysANumber()
    {
        const string Solution = "<<2*3=6>>6 <<6+4=10>>10 <<10*6=60>>60";

        var linked = CalculatorAnnotations.ToProgram("Q with 2, 3 and 4?", Solution, "60");
        var kept = CalculatorAnnotations.ToProgram("Q with 2, 3, 4 and 6?", Solution, "60");

        Assert.Contains("step_3 = step_2*step_1", linked!, StringComparison.Ordinal);
        Assert.Contains("step_3 = step_2*6", kept!, StringComparison.Ordinal);
    }

    [Fact]
    public void ToProgram_Gsm8kTrain_Converts7001Of7473()
    {
        // Counted apart from this code with Python's fractions: 7,378 rows have annotations, all of which hold, and in
        // 7,001 the last one is the answer. Of those, 6,832 do without parentheses, signs and //.
        var path = SharedData.Require("data/gsm8k/train.jsonl");

        var problems = new ProblemFile(path, new() { Gsm8kSolution = Gsm8kSolution.Program }).Load();

        Assert.Equal(7473, problems.Count);
        Assert.Equal(7001, problems.Count(problem => problem.HasSolution));
    }
}
