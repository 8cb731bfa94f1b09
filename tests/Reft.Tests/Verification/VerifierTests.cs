using Reft.Answers;
using Reft.Verification;

namespace Reft.Tests.Verification;

public sealed class VerifierTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("1,000", "1000", AnswerPolicy.Exact, Outcome.Correct)]
    [InlineData("1,000", "1000", AnswerPolicy.Paper, Outcome.NoAnswer)]
    [InlineData("1_000", "1000", AnswerPolicy.Paper, Outcome.Correct)]
    [InlineData("18.005", "18", AnswerPolicy.Paper, Outcome.Correct)]
    [InlineData("18.005", "18", AnswerPolicy.Exact, Outcome.Incorrect)]
    [InlineData("nan", "18", AnswerPolicy.Paper, Outcome.Incorrect)]
    [InlineData("nan", "18", AnswerPolicy.Exact, Outcome.NoAnswer)]
    [InlineData("1000", "1,000", AnswerPolicy.Paper, Outcome.Correct)]
    [InlineData("50%", "50", AnswerPolicy.Exact, Outcome.Correct)]
    [InlineData("50%", "0.5", AnswerPolicy.Exact, Outcome.Incorrect)]
    [InlineData("50", "50%", AnswerPolicy.Exact, Outcome.Correct)]
    [InlineData("5", "five", AnswerPolicy.Exact, Outcome.Correct)]
    [InlineData("5", "lots", AnswerPolicy.Exact, Outcome.Error)]
    [InlineData("five", "five", AnswerPolicy.Paper, Outcome.Error)]
    [InlineData("nan", "nan", AnswerPolicy.Paper, Outcome.Error)]
    [InlineData("", "", AnswerPolicy.Exact, Outcome.Error)]
    public void Number_AnswerBesideGold_HasTheOutcome(string answer, string gold, AnswerPolicy policy, Outcome expected)
    {
        var verdict = new NumberVerifier(policy)
            .Verify([new Sample("s", "So." + AnswerFormat.AnswerTrigger + answer, gold)], Token)["s"];

        Assert.Equal(expected, verdict.Outcome);
        Assert.NotEmpty(verdict.Detail);
    }

    [Theory]
    [InlineData("C", "c", AnswerPolicy.Paper, Outcome.Correct)]
    [InlineData("", "c", AnswerPolicy.Paper, Outcome.Incorrect)] // The official program always has an answer.
    [InlineData("", "c", AnswerPolicy.Exact, Outcome.NoAnswer)]
    [InlineData("c ) 870", "c", AnswerPolicy.Paper, Outcome.Incorrect)]
    [InlineData("c ) 870", "c", AnswerPolicy.Exact, Outcome.Correct)]
    [InlineData("d", "c", AnswerPolicy.Exact, Outcome.Incorrect)]
    [InlineData("c", "870", AnswerPolicy.Exact, Outcome.Error)]
    [InlineData("c", "x", AnswerPolicy.Exact, Outcome.Error)]
    public void Choice_AnswerBesideGold_HasTheOutcome(string answer, string gold, AnswerPolicy policy,
        Outcome expected) =>
        Assert.Equal(
            expected,
            new ChoiceVerifier(policy)
                .Verify([new Sample("s", "So." + AnswerFormat.AnswerTrigger + answer, gold)], Token)["s"].Outcome);

    [Theory]
    [InlineData("42", "42", new[] { AnswerKind.Number }, Outcome.Correct)]
    [InlineData("x + 2", "42", new[] { AnswerKind.Number }, Outcome.NoAnswer)]
    [InlineData("42", "x + 2", new[] { AnswerKind.Number }, Outcome.Error)]
    [InlineData("(1, 2)", "(1, 2)", new[] { AnswerKind.Number, AnswerKind.Tuple }, Outcome.Correct)]
    [InlineData("Paris", "paris", new[] { AnswerKind.Text }, Outcome.Correct)]
    [InlineData("Rome", "Paris", new[] { AnswerKind.Text }, Outcome.Incorrect)]
    [InlineData("Paris", "Paris", new AnswerKind[0], Outcome.Error)]
    public void Number_KindsOfADataset_RefuseTheOthersByName(string answer, string gold, AnswerKind[] kinds, Outcome expected)
    {
        var verdict = new NumberVerifier(kinds: kinds)
            .Verify([new Sample("s", "So." + AnswerFormat.AnswerTrigger + answer, gold)], Token)["s"];

        Assert.Equal(expected, verdict.Outcome);
        Assert.True(expected is not Outcome.NoAnswer || verdict.Detail.Contains("of kind expression", StringComparison.Ordinal), verdict.Detail);
    }

    [Fact]
    public void Verify_Batch_HasOneVerdictForEverySampleUnderItsId()
    {
        Sample[] samples =
            [new("b", "#### 1", "1"), new("a", "", "1"), new("c", "#### 2", "1"), new("d", "#### 2", "?")];

        var verdicts = new NumberVerifier().Verify(samples, Token);

        Assert.Equal(samples.Select(sample => sample.Id), verdicts.Select(verdict => verdict.SampleId));
        Assert.Equal(
            [Outcome.Correct, Outcome.NoAnswer, Outcome.Incorrect, Outcome.Error],
            verdicts.Select(verdict => verdict.Outcome));
        Assert.Equal("2", verdicts["c"].Answer);
        Assert.Equal(1, verdicts.CountOf(Outcome.Error));
    }

    [Fact]
    public void Judge_ManyWorkers_GivesTheSameVerdicts()
    {
        var samples = Enumerable.Range(0, 1000).Select(i => new Sample($"{i}", $"#### {i % 7}", "3")).ToList();

        var verdicts = Verdicts.Judge(samples, sample =>
            new Finding(Outcome.Incorrect, sample.Completion, sample.Id), workers: 4, Token);

        Assert.All(verdicts, (verdict, i) => Assert.Equal((samples[i].Id, samples[i].Completion, samples[i].Id),
            (verdict.SampleId, verdict.Answer, verdict.Detail)));
    }

    [Fact]
    public void Judge_RepeatedId_Throws() => Assert.Contains(
        "'a' occurs twice",
        Assert.Throws<ArgumentException>(() => new NumberVerifier()
            .Verify([new("a", "", "1"), new("a", "", "1")], Token)).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Verify_Cancelled_Throws()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();

        Assert.Throws<OperationCanceledException>(() => new NumberVerifier().Verify([new("a", "", "1")], source.Token));
    }

    [Fact]
    public void Number_GivenText_ComesBeforeTheCompletion() => Assert.True(
        new NumberVerifier().Verify([new Sample("a", "2", "42") { Given = "#### 4" }], Token)["a"].IsCorrect);
}
