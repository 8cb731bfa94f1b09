using System.Text.Json.Nodes;
using Reft.Answers;
using Reft.Certification;
using Reft.Checkpoints;
using Reft.Generation;
using Reft.Problems;
using Reft.Rollouts;
using Reft.Rollouts.Curricula;
using Reft.Text;
using Reft.Verification;
using Reft.Verification.Rewards;
using static TorchSharp.torch;

namespace Reft.Tests.Rollouts;

/// <summary>Sources that draw more than a step's samples: problems in the place of those that teach nothing, and greedy baselines.</summary>
public sealed class SourceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly PretrainedModel _model;
    private readonly Tokenizer _tokenizer;

    public SourceTests() => (_model, _tokenizer) = RandomModel.Create("llama", ScalarType.Float32, CPU, seed: 1, _folder.Path);

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Resampled_Steps_HaveTheirNumberOfProblemsThatTeach()
    {
        // Problems 0, 3, 6, 9 are always right; of the others one of two samples is.
        var source = Resampled(mostRounds: 10);

        for (var step = 0; step < 6; step++)
        {
            var groups = source.Collect(step, CancellationToken.None).GroupBy(r => r.Problem.Id).ToArray();

            Assert.Equal(4, groups.Count(g => g.Select(r => r.Reward).Distinct().Count() > 1));
            Assert.All(groups, g => Assert.Equal(2, g.Count()));
        }
    }

    [Fact]
    public void Resampled_Problems_GoRoundInTheOrderOfEpochs()
    {
        var source = Resampled(mostRounds: 10);

        var taken = Enumerable.Range(0, 6).SelectMany(step => Taken(source, step)).ToArray();

        // Every epoch of ten takes each once, whatever the steps; only one that a step has already is passed over.
        Assert.Equal(10, taken[..10].Distinct().Count());
        Assert.True(taken.Length > 24, $"{taken.Length} problems were taken in 6 steps of 4: nothing was drawn in anything's place");
    }

    [Fact]
    public void Resampled_RoundsOver_GoesOnWithWhatThereIs()
    {
        var source = Resampled(mostRounds: 1);

        Assert.All(Enumerable.Range(0, 5), step => Assert.Equal(4, Taken(source, step).Length));
    }

    [Fact]
    public void Resampled_NothingTeaches_TakesEveryProblemOnceAndEnds()
    {
        var source = new ResampledRollouts(Rollouts(new ByNumber(_ => true), count: 5), mostRounds: 100);

        Assert.Equal(5, Taken(source, 0).Distinct().Count());
        Assert.Equal(5, Taken(source, 0).Length);
    }

    [Fact]
    public void Resampled_SavedAndRestored_GoesOnWhereItWas()
    {
        var unbroken = Resampled(mostRounds: 10);
        for (var step = 0; step < 3; step++)
        {
            unbroken.Collect(step, CancellationToken.None);
        }

        var resumed = Resampled(mostRounds: 10);
        resumed.Restore((JsonObject)JsonNode.Parse(unbroken.Save().ToJsonString())!);

        Assert.Equal(Texts(unbroken.Collect(3, CancellationToken.None)), Texts(resumed.Collect(3, CancellationToken.None)));
        Assert.NotEqual(Texts(Resampled(mostRounds: 10).Collect(3, CancellationToken.None)), Texts(resumed.Collect(3, CancellationToken.None)));
        Assert.Throws<InputException>(() => resumed.Restore([]));
    }

    [Fact]
    public void GreedyBaselines_Samples_HaveTheRewardOfTheMostLikelyCompletion()
    {
        var verifier = new ByText();
        var source = new GreedyBaselines(Rollouts(verifier, count: 6));

        var rollouts = source.Collect(step: 2, CancellationToken.None);

        var greedy = new CompletionGenerator(_model.Decoder, 8).Generate(
            [.. rollouts.Select((r, i) => new GenerationRequest((ulong)i, 0, r.Tokens[..r.PromptLength]))],
            Sampling with { Temperature = 0 }, step: 0, cancellation: CancellationToken.None);
        Assert.Equal(8, rollouts.Count);
        foreach (var (rollout, completion) in rollouts.Zip(greedy))
        {
            var text = _tokenizer.DecodeResponse(rollout.Tokens.AsSpan(0, rollout.PromptLength), completion.Tokens);
            Assert.Equal(ByText.IsRight(text) ? 1 : 0, rollout.Baseline);
        }

        Assert.Equal(Texts(Rollouts(new ByText(), count: 6).Collect(2, CancellationToken.None)), Texts(rollouts));
    }

    [Theory]
    [InlineData(0.0, 3, true)]
    [InlineData(0.5, 4, true)]
    [InlineData(0.5, 4, false)]
    [InlineData(1.0, 3, true)]
    public void Prefixes_Sequences_AreFirstTokensThatEndInTheStopToken(double fullShare, int prefixTokens, bool ends)
    {
        var drawn = Rollouts(new ByText(), count: 20).Collect(1, CancellationToken.None).ToDictionary(r => r.SampleId);

        var rollouts = new PrefixRollouts(Rollouts(new ByText(), count: 20), prefixTokens, fullShare, "Begin.", ends, keepsVerdicts: false)
            .Collect(1, CancellationToken.None);

        var prefixes = rollouts.Where(r => r.Verdict is null).ToArray();
        Assert.Equal(fullShare switch { 0 => 8, 1 => 0, _ => prefixes.Length }, prefixes.Length);
        Assert.Equal(8, rollouts.Select(r => r.SampleId).Distinct().Count());
        foreach (var rollout in rollouts)
        {
            var whole = drawn[rollout.SampleId];
            var response = rollout.Tokens[rollout.PromptLength..];
            var expected = whole.Tokens[whole.PromptLength..];
            if (rollout.Verdict is null)
            {
                // By hand: the first t tokens of the same sample, the last of them the stop token in its place.
                expected = [.. expected.Take(prefixTokens).SkipLast(1), ends ? 0 : expected.Take(prefixTokens).Last()];
                Assert.Equal(
                    Prompt($"What is {rollout.Problem.Answer}? Begin."), rollout.Tokens[..rollout.PromptLength]);
                Assert.Equal((0, 0.0), (rollout.LogProbs.Length, rollout.Reward));
                Assert.Equal(response.Length, rollout.Roles.Length);
            }

            Assert.Equal(expected, response);
        }
    }

    [Fact]
    public void Prefixes_WithoutVerdicts_DrawNoTokenMore()
    {
        var verifier = new ByText();
        new PrefixRollouts(Rollouts(verifier, count: 6), 2, 0, "Begin.", endsPrefix: true, keepsVerdicts: false).Collect(0, CancellationToken.None);
        var begun = verifier.Longest;

        new PrefixRollouts(Rollouts(verifier, count: 6), 2, 0, "Begin.", endsPrefix: true, keepsVerdicts: true).Collect(0, CancellationToken.None);

        Assert.True(verifier.Longest > begun, "samples that are judged are drawn to their end");
    }

    [Fact]
    public void Hindsight_Samples_AreLearnedUnderWhatTheyFollowed()
    {
        var source = Hindsight(learned: 1, kept: 4);

        var rollouts = source.Collect(0, CancellationToken.None);

        var drawn = rollouts.Where(r => r.Verdict is not null).ToArray();
        var made = rollouts.Where(r => r.Verdict is null).ToArray();
        Assert.Equal((8, 16), (drawn.Length, made.Length));
        Assert.Equal([true, false], drawn.Select(r => r.Verdict!.IsCorrect).Distinct().OrderDescending());
        Assert.All(drawn, r => Assert.Equal(Prompt($"Right. What is {r.Problem.Answer}?"), r.Tokens[..r.PromptLength]));
        foreach (var (followed, ignored) in made.Where((_, i) => i % 2 == 0).Zip(made.Where((_, i) => i % 2 == 1)))
        {
            var own = drawn.Single(r => followed.SampleId.EndsWith($":{r.Problem.Id}@0{r.SampleId[^2..]}+", StringComparison.Ordinal));
            Assert.Equal(followed.SampleId[..^1] + "-", ignored.SampleId);
            var (right, wrong) = (Prompt($"Right. What is {own.Problem.Answer}?"), Prompt($"Wrong. What is {own.Problem.Answer}?"));
            int[] response = own.Tokens[own.PromptLength..];
            Assert.Equal([.. own.Verdict!.IsCorrect ? right : wrong, .. response], followed.Tokens);
            Assert.Equal([.. own.Verdict.IsCorrect ? wrong : right, .. response], ignored.Tokens);
        }
    }

    [Fact]
    public void Hindsight_Replay_HoldsTheLatestSamplesAndIsPartOfACheckpoint()
    {
        var unbroken = Hindsight(learned: 3, kept: 2);
        for (var step = 0; step < 4; step++)
        {
            var steps = Steps(unbroken.Collect(step, CancellationToken.None));
            // Twenty samples are kept for ten problems: of four steps of eight the first is gone, and half of the second.
            Assert.Equal(step == 3 ? 1 : 0, steps.Min());
            Assert.Equal(step, steps.Max());
        }

        var resumed = Hindsight(learned: 3, kept: 2);
        resumed.Restore((JsonObject)JsonNode.Parse(unbroken.Save().ToJsonString())!);

        Assert.Equal(Ids(unbroken.Collect(4, CancellationToken.None)), Ids(resumed.Collect(4, CancellationToken.None)));
        Assert.Throws<InputException>(() => resumed.Restore([]));

        static long[] Steps(IEnumerable<ScoredRollout> rollouts) => [.. rollouts.Where(r => r.Verdict is null).Select(r => r.PolicyStep)];
        static string[] Ids(IEnumerable<ScoredRollout> rollouts) => [.. rollouts.Select(r => $"{r.SampleId} {string.Join(' ', r.Tokens)}")];
    }

    private HindsightRollouts Hindsight(int learned, int kept) =>
        new(Rollouts(new ByText(), count: 10), new HindsightInstructions("Right.", "Wrong."), learned, kept);

    private int[] Prompt(string question) => _tokenizer.Encode($"Question:\n{question}\nAnswer reasoning:\n", addSpecialTokens: false);

    private static SamplingOptions Sampling { get; } = new()
    {
        Temperature = 1,
        TopK = 0,
        TopP = 1,
        MinP = 0,
        MaxTokens = 6,
        StopTokens = [0],
        Seed = 3,
    };

    private static string[] Taken(IRolloutSource source, long step) =>
        [.. source.Collect(step, CancellationToken.None).Select(r => r.Problem.Id).Distinct()];

    private static string[] Texts(IEnumerable<ScoredRollout> rollouts) => [.. rollouts.Select(r => $"{r.SampleId} {r.Text} {r.Reward}")];

    private ResampledRollouts Resampled(int mostRounds) =>
        new(Rollouts(new ByNumber(number => number % 3 == 0), count: 10), mostRounds);

    private PolicyRollouts Rollouts(IVerifier verifier, int count) => new(
        [.. Enumerable.Range(0, count).Select(i => new Problem($"p{i}", $"What is {i}?", $"{i}"))],
        new PlainCurriculum(new PromptTemplate { Style = AnswerStyle.Number }, _tokenizer),
        new CompletionGenerator(_model.Decoder, 8), _tokenizer, verifier,
        new PolicyRolloutOptions
        {
            ProblemsPerStep = 4,
            SamplesPerProblem = 2,
            Sampling = Sampling,
            Rewards = [new RewardRule()],
            Seed = 7,
        });

    /// <summary>The first sample of a problem is right, and the others where a rule says so of its number.</summary>
    private sealed class ByNumber(Func<int, bool> isEqual) : IVerifier
    {
        public AnswerStyle Style => AnswerStyle.Number;

        public Verdicts Verify(IReadOnlyList<Sample> samples, CancellationToken cancellation = default) => Verdicts.Judge(
            samples,
            s => new Finding(
                s.Id.EndsWith("#0", StringComparison.Ordinal) || isEqual(int.Parse(s.Answer, System.Globalization.CultureInfo.InvariantCulture))
                    ? Outcome.Correct
                    : Outcome.NoAnswer, "", ""),
            cancellation: cancellation);

        public string? WhyUnreadable(string answer) => null;
    }

    /// <summary>A text of an even length is right.</summary>
    private sealed class ByText : IVerifier
    {
        public AnswerStyle Style => AnswerStyle.Number;

        public int Longest { get; private set; }

        public static bool IsRight(string text) => text.Length % 2 == 0;

        public Verdicts Verify(IReadOnlyList<Sample> samples, CancellationToken cancellation = default)
        {
            Longest = Math.Max(Longest, samples.Max(s => s.Completion.Length));
            return Verdicts.Judge(
                samples, s => new Finding(IsRight(s.Completion) ? Outcome.Correct : Outcome.NoAnswer, "", ""), cancellation: cancellation);
        }

        public string? WhyUnreadable(string answer) => null;
    }
}
