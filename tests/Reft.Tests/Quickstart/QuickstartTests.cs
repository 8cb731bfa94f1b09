using Reft.Evaluation;
using Reft.Hosting.Training;
using Reft.Inputs;
using Reft.Problems;
using Reft.Quickstart;
using Reft.Verification;

namespace Reft.Tests.Quickstart;

public sealed class QuickstartTests
{
    [Theory]
    [InlineData(0.01, 0.3, "better")]
    [InlineData(-0.3, -0.01, "In this run it did worse.")]
    [InlineData(-0.01, 0.3, "These problems show no difference.")]
    [InlineData(0, 0.3, "These problems show no difference.")]
    public void Verdict_GoesByTheInterval(double low, double high, string expected) =>
        Assert.Equal(expected, QuickstartStory.Verdict(new Estimate((low + high) / 2, low, high, 100), "better"));

    [Fact]
    public void LeavesSums_ANumberThatNobodyGave_WasDoneInTheHead()
    {
        EvaluationItem Item(string completion) => new()
        {
            Problem = "p",
            Sample = 0,
            Prompt = "Question:\nMia has 7 shells and finds 12 more. Ben has twice as many. How many has Ben?\nAnswer:\n",
            Completion = completion,
            Tokens = 1,
            Finish = EvaluationFinish.Stop,
            Outcome = Outcome.Correct,
            Answer = null,
            Gold = "38",
            Detail = "",
        };

        Assert.Equal(1, QuickstartResult.LeavesSums([Item("def solution():\n    a = 7\n    b = 12\n    c = a + b\n    result = c * 2\n    return result")]));
        Assert.Equal(0.5, QuickstartResult.LeavesSums(
            [Item("    c = 19\n    result = c * 2\n    return result"), Item("    a = 7\n    result = a\n    return result")]));
        Assert.Equal(0, QuickstartResult.LeavesSums([Item("def solution():\n    result = 38\n    return result\n")]));
    }

    [Fact]
    public void Make_AllThree_SeeWhatTheyAreSaidToSee()
    {
        var configs = QuickstartConfigs.Make("runs/quickstart", 3, "cpu");
        var problems = new[] { configs.Sft, configs.Reft, configs.MoreAnswers }.Select(config =>
        {
            var verifier = RunVerifier.Create(config.Answers);
            using var held = verifier as IDisposable;
            return RunProblems.Load(config, verifier);
        }).ToArray();

        Assert.Equal(problems[0].Train.Select(Known), problems[1].Train.Select(Known));
        Assert.Equal(problems[0].Train.Select(Known), problems[2].Train.Take(QuickstartConfigs.Annotated).Select(Known));
        Assert.Equal([400, 400, 2000], problems.Select(set => set.Train.Count));
        Assert.All(problems[0].Train, problem => Assert.True(problem.HasSolution));
        Assert.All(problems[2].Train.Skip(QuickstartConfigs.Annotated), problem => Assert.False(problem.HasSolution));
        Assert.Equal(1000, problems[0].Test.DistinctBy(problem => problem.GroupKey).Count());
        Assert.All(problems.Skip(1), set => Assert.Equal(problems[0].Test.Select(problem => problem.Id), set.Test.Select(problem => problem.Id)));
        Assert.Equal((780, 312, 120), (QuickstartConfigs.SftSteps, QuickstartConfigs.WarmUpSteps, QuickstartConfigs.ReftGradientSteps));

        static (string, string?) Known(Problem problem) => (problem.Question, problem.Solution);
    }
}
