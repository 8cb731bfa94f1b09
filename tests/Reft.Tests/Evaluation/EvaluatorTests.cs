using Reft.Evaluation;
using Reft.Generation;
using Reft.Problems;
using Reft.Rollouts;
using Reft.Rollouts.Curricula;
using Reft.Verification;
using Reft.Verification.Rewards;

namespace Reft.Tests.Evaluation;

[NoTensorLeak]
[Collection(TensorCounting.Name)]
public sealed class EvaluatorTests(LearnedModel learned) : IClassFixture<LearnedModel>
{
    private static readonly EvaluationOptions Sampling = LearnedModel.Options with
    {
        Samples = 3,
        Temperature = 2,
        Seed = 5,
        MaxTokens = 24,
    };

    [Fact]
    public void Evaluate_LearnedModel_GivesTheKnownFigures()
    {
        // Two of the six known answers are made wrong: the model answers as it learned.
        var problems = LearnedModel.Problems
            .Select(p => p.Id is "pears" or "now" ? p with { Answer = "77" } : p).ToArray();

        var result = learned.Evaluate(problems: problems);

        Assert.Null(result.Sampled);
        // Two of the questions differ in their numbers alone.
        Assert.Equal((4.0 / 6, 5), (result.Greedy.Accuracy.Value, result.Greedy.Accuracy.N));
        Assert.Equal((4 + (2 * 0.1)) / 6, result.Greedy.Reward, 1e-12);
        Assert.Equal((4.0 / 6, 2.0 / 6, 0.0, 0.0), (
            result.Greedy.Shares.Correct, result.Greedy.Shares.Incorrect, result.Greedy.Shares.NoAnswer,
            result.Greedy.Shares.Truncated));
        var item = result.Greedy.Items[0];
        Assert.Equal("Question:\nTom has 3 apples and buys 12 more. How many?\nAnswer reasoning:\n", item.Prompt);
        Assert.Equal("3 + 12 = 15.\nTherefore, the answer is: 15", item.Completion);
        Assert.Equal(
            ("apples", EvaluationFinish.Stop, "15", "15"), (item.Problem, item.Finish, item.Answer, item.Gold));
        Assert.Equal(learned.Tokenizer.Encode(item.Completion, addSpecialTokens: false).Length + 1, item.Tokens);
    }

    [Fact]
    public void Evaluate_ClonesOfEveryProblem_LeaveTheIntervalsWhereTheyWere()
    {
        Problem[] problems = [.. LearnedModel.Problems.Select(p => (p.Id == "now" ? p with { Answer = "77" } : p) with { Group = p.Id })];
        Problem[] cloned = [.. problems, .. problems.Select(p => p with { Id = p.Id + "2" }), .. problems.Select(p => p with { Id = p.Id + "3" })];
        var options = LearnedModel.Options with { Samples = 2 };

        var (once, three) = (learned.Evaluate(options, problems), learned.Evaluate(options, cloned));

        Assert.Equal((6, 6), (once.Greedy.Accuracy.N, three.Greedy.Accuracy.N));
        Assert.Equal(once.Greedy.Accuracy.Low, three.Greedy.Accuracy.Low, 1e-12);
        Assert.Equal(once.Greedy.Accuracy.High, three.Greedy.Accuracy.High, 1e-12);
        Assert.Equal(6, three.Sampled!.Accuracy.N); // There are samples.
    }

    [Fact]
    public void Evaluate_Samples_AreTheRolloutsOfThePolicy()
    {
        var source = new PolicyRollouts(
            LearnedModel.Problems, new PlainCurriculum(LearnedModel.Template, learned.Tokenizer),
            new CompletionGenerator(learned.Model.Decoder, 8), learned.Tokenizer, new NumberVerifier(),
            new PolicyRolloutOptions
            {
                ProblemsPerStep = 6,
                SamplesPerProblem = 3,
                Sampling = new SamplingOptions
                {
                    Temperature = 2,
                    TopK = 0,
                    TopP = 1,
                    MinP = 0,
                    MaxTokens = 24,
                    StopTokens = [0],
                    Seed = 5,
                },
                Rewards = [new RewardRule()],
                Seed = 1,
            });

        var sampled = learned.Evaluate(Sampling).Sampled!;

        var rollouts = source.Collect(0, TestContext.Current.CancellationToken).ToDictionary(r => r.SampleId);
        Assert.Equal(18, sampled.Items.Count);
        Assert.All(sampled.Items, i => Assert.Equal(rollouts[$"{i.Problem}#{i.Sample}"].Text, i.Completion));
        Assert.Equal(rollouts.Values.Average(r => r.Reward), sampled.Reward, 1e-12);
        Assert.True(sampled.Items.Select(item => item.Completion).Distinct().Count() > 6, "the samples do not vary");
    }

    [Fact]
    public void Evaluate_AnyNumberOfSlots_GivesTheSameBytes()
    {
        var one = EvaluationFile.ToJson(learned.Evaluate(Sampling with { Slots = 1 }));
        var many = EvaluationFile.ToJson(learned.Evaluate(Sampling with { Slots = 7 }));

        Assert.Equal(one, many);
    }

    [Fact]
    public void Evaluate_FewerProblemsInAnotherOrder_ChangesNoItem()
    {
        var all = learned.Evaluate(Sampling);
        var some = learned.Evaluate(Sampling, [LearnedModel.Problems[4], LearnedModel.Problems[1]]);

        foreach (var item in some.Sampled!.Items.Concat(some.Greedy.Items))
        {
            Assert.Contains(item, all.Sampled!.Items.Concat(all.Greedy.Items));
        }

        Assert.Equal(["sells", "pears"], some.Greedy.Items.Select(item => item.Problem));
    }

    [Fact]
    public void Evaluate_PromptLongerThanTheContext_IsAnItem()
    {
        Problem[] problems =
        [
            LearnedModel.Problems[0],
            new("long", string.Join(' ', Enumerable.Repeat("apples", 400)), "3"),
            LearnedModel.Problems[2],
        ];

        var result = learned.Evaluate(Sampling, problems);

        var item = result.Greedy.Items[1];
        Assert.Equal(("long", EvaluationFinish.PromptTooLong), (item.Problem, item.Finish));
        Assert.Equal((Outcome.Error, 0), (item.Outcome, item.Tokens));
        Assert.EndsWith("leaves no room in the context of 256", item.Detail, StringComparison.Ordinal);
        Assert.Equal((1.0 / 3, 1.0 / 3), (result.Greedy.Shares.PromptTooLong, result.Greedy.Shares.Error));
        Assert.Equal(2.0 / 3, result.Greedy.Accuracy.Value);
        var third = result.Sampled!.Items.Where(i => i.Sample == 2);
        Assert.Equal(["apples", "long", "more"], third.Select(i => i.Problem));
        Assert.Equal(3, result.Sampled.Items.Count(i => i.Finish == EvaluationFinish.PromptTooLong));
        var tokens = result.Greedy.Items[0].Tokens + result.Greedy.Items[2].Tokens;
        Assert.Equal(tokens / 2.0, result.Greedy.MeanTokens);
    }

    [Fact]
    public void Evaluate_NoRoomForTheAnswer_CountsAsTruncated()
    {
        var result = learned.Evaluate(LearnedModel.Options with { MaxTokens = 3 });

        Assert.Equal((1.0, 0.0), (result.Greedy.Shares.Truncated, result.Greedy.Accuracy.Value));
        Assert.All(result.Greedy.Items, item => Assert.Equal((3, EvaluationFinish.Length), (item.Tokens, item.Finish)));
    }

    [Fact]
    public void Evaluate_Reward_LeavesAccuracyAlone()
    {
        var generous = new RewardRule { Correct = 9, Partial = 8, NoAnswer = 7 };
        var wrong = LearnedModel.Problems.Select(p => p with { Answer = "77" }).ToArray();

        var result = learned.Evaluator(reward: generous).Evaluate(
            wrong, LearnedModel.Label, cancellation: TestContext.Current.CancellationToken);

        Assert.Equal((8.0, 0.0), (result.Greedy.Reward, result.Greedy.Accuracy.Value));
    }

    [Fact]
    public void Evaluate_Progress_EndsAtTheTotal()
    {
        var seen = new List<EvaluationProgress>();

        var result = learned.Evaluator(Sampling).Evaluate(
            LearnedModel.Problems, LearnedModel.Label, seen.Add, TestContext.Current.CancellationToken);

        var tokens = result.Greedy.Items.Concat(result.Sampled!.Items).Sum(item => item.Tokens);
        Assert.Equal(new EvaluationProgress(24, 24, tokens), seen[^1]);
        Assert.Equal(6, seen.First(p => p.Tokens == result.Greedy.Items.Sum(item => item.Tokens)).Done);
    }

    [Fact]
    public void Evaluate_Cancelled_Stops()
    {
        using var stop = new CancellationTokenSource();

        Assert.Throws<OperationCanceledException>(() => learned.Evaluator().Evaluate(
            LearnedModel.Problems, LearnedModel.Label, p => Cancel(stop, p.Tokens), stop.Token));

        static void Cancel(CancellationTokenSource stop, long tokens)
        {
            if (tokens == 9)
            {
                stop.Cancel();
            }
        }
    }

    [Fact]
    public void Check_UnfitProblems_NamesEachOne()
    {
        Problem[] problems = [new("a", "?", "1"), new("a", "?", "2"), new("b", "?", "many") { Row = 3 }];

        var errors = Evaluator.Check(problems, new NumberVerifier()).ToArray();

        Assert.Equal(2, errors.Length);
        Assert.StartsWith("problem id 'a' occurs twice", errors[0], StringComparison.Ordinal);
        Assert.StartsWith(
            "the answer of problem 'b' (row 3), 'many', is no number answer", errors[1], StringComparison.Ordinal);
        var none = Assert.Single(Evaluator.Check([], new NumberVerifier()));
        Assert.StartsWith("there are no problems", none, StringComparison.Ordinal);
        Assert.Throws<InputException>(() => learned.Evaluate(problems: problems));
    }

    [Fact]
    public void Options_Wrong_AreRefused()
    {
        var options = new EvaluationOptions { MaxTokens = 0, StopTokens = [], Slots = 0, Samples = 1, Temperature = 0 };

        var error = Assert.Throws<InputException>(() => learned.Evaluator(options));

        string[] parts = ["max-tokens is 0", "slots is 0", "temperature is 0 with 1 samples", "stop-tokens is empty"];
        Assert.All(parts, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));

        var negative = Assert.Single((LearnedModel.Options with { Samples = -1 }).Validate("--"));
        Assert.StartsWith("--samples is -1", negative, StringComparison.Ordinal);
    }
}
