using System.Text.Json;
using Reft.Answers;
using Reft.Problems;
using Reft.Problems.Files;
using Reft.Sampling;

namespace Reft.Tests.Sampling;

public sealed class SelfTrainingSetTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Make_First_KeepsCorrectOnesOnceAndGoldOnce()
    {
        Sample("a", ("x ", true), ("y", false), ("x", true), ("z", true), ("w", true));
        Sample("b", ("q", false));
        Sample("c", ("gold c", true));
        Problem[] gold = [.. "abcd".Select(id => new Problem($"{id}", $"{id}?", "1", $"gold {id}"))];

        var (problems, counts) = SelfTrainingSet.Make(_folder["s"], gold, AnswerStyle.Program, AnswerPolicy.Exact, 2, SamplePick.First, seed: 1);

        // Whoever has no sample at all, as d, was not sampled: its gold stays out.
        Assert.Equal(["x", "z", "gold a", "gold b", "gold c"], problems.Select(p => p.Solution));
        Assert.Equal(["a#0", "a#3", "a", "b", "c#0"], problems.Select(p => p.Id));
        Assert.Equal(new SelfTrainingCounts(3, 3, 2, 2, 1, 1), counts);
    }

    [Fact]
    public void Make_Random_DependsOnSeedAndProblemAlone()
    {
        Sample("a", [.. Enumerable.Range(0, 30).Select(i => ($"{i}", true))]);
        var first = Kept(1);

        Assert.Equal(first, Kept(1));
        Assert.NotEqual(first, Kept(2));
        Assert.Equal(5, first.Distinct().Count());
        Sample("b", [.. Enumerable.Range(0, 30).Select(i => ($"{i}", true))]);
        Assert.Equal(first, Kept(1).Take(5));

        string?[] Kept(ulong seed) =>
            [.. SelfTrainingSet.Make(_folder["s"], [], AnswerStyle.Program, AnswerPolicy.Exact, 5, SamplePick.Random, seed).Problems.Select(p => p.Solution)];
    }

    [Fact]
    public void Write_WordedSolutions_ReadBackWithoutTheAnswersLine()
    {
        Sample("a", ("It is 1.\nTherefore, the answer is: 1", true));
        var (problems, _) = SelfTrainingSet.Make(_folder["s"], [], AnswerStyle.Number, AnswerPolicy.Exact, 5, SamplePick.First, seed: 1);
        SelfTrainingSet.Write(_folder["out.jsonl"], problems);

        var read = Assert.Single(new ProblemFile(_folder["out.jsonl"], new ProblemFileOptions()).Load());

        Assert.Equal(new Problem("a#0", "a?", "1", "It is 1."), read with { Row = 0 });
    }

    [Theory]
    [InlineData(AnswerPolicy.Paper, "Two.")]
    [InlineData(AnswerPolicy.Exact, "One.\nTherefore, the answer is: 2\nAnswer reasoning:\nTwo.")]
    public void Make_SecondSolutionTrigger_IsCutWhereThePaperJudges(AnswerPolicy policy, string expected)
    {
        Sample("a", ("One.\nTherefore, the answer is: 2\nAnswer reasoning:\nTwo.\nTherefore, the answer is: 1", true));

        var (problems, _) = SelfTrainingSet.Make(_folder["s"], [], AnswerStyle.Number, policy, 5, SamplePick.First, seed: 1);

        Assert.Equal(expected, Assert.Single(problems).Solution);
    }

    [Fact]
    public void Make_OtherFile_IsRefusedByLine()
    {
        Sample("a", ("x", true));
        File.AppendAllText(_folder["s"], "{\"id\":3}\n");

        var error = Assert.Throws<InputException>(
            () => SelfTrainingSet.Make(_folder["s"], [], AnswerStyle.Program, AnswerPolicy.Exact, 5, SamplePick.First, seed: 1));

        Assert.Contains("line 2: is no sample of 'reft sample'", error.Message, StringComparison.Ordinal);
    }

    private void Sample(string id, params (string Completion, bool Correct)[] samples) => File.AppendAllLines(
        _folder["s"], samples.Select((s, i) => JsonSerializer.Serialize(new
        {
            id,
            sample = i,
            question = $"{id}?",
            answer = "1",
            completion = s.Completion,
            outcome = s.Correct ? "correct" : "incorrect",
        })));
}
