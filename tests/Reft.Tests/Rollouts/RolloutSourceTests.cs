using System.Text.Json.Nodes;
using Reft.Algorithms;
using Reft.Answers;
using Reft.Certification;
using Reft.Checkpoints;
using Reft.Generation;
using Reft.Models;
using Reft.Problems;
using Reft.Rollouts;
using Reft.Tests.Training;
using Reft.Text;
using Reft.Verification;
using Reft.Verification.Rewards;
using static TorchSharp.torch;

namespace Reft.Tests.Rollouts;

/// <summary>What gold solutions and the policy's own samples become: token ids, roles, log-probabilities, rewards.</summary>
public sealed class RolloutSourceTests : IDisposable
{
    private static readonly PromptTemplate _template = new() { Style = AnswerStyle.Number };

    private static readonly Problem[] _problems =
    [
        new("apples", "Tom has 3 apples and buys 12 more. How many?", "15", "3 + 12 = 15."),
        new("pears", "Ada sells 4 pears for 2 dollars each. How much?", "8", "4 * 2 = 8."),
        new("now", "Tom has 2 pears and sells 2. How many?", "0", "2 - 2 = 0."),
    ];

    private readonly TemporaryFolder _folder = new();
    private readonly PretrainedModel _model;
    private readonly Tokenizer _tokenizer;

    public RolloutSourceTests() =>
        (_model, _tokenizer) = RandomModel.Create("llama", ScalarType.Float32, CPU, seed: 1, _folder.Path);

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void GoldSolutions_Tokens_ArePromptTargetAndStopTokenisedApart(bool learnsPrompts)
    {
        var source = Gold(_problems, maxTokens: 500, learnsPrompts);

        Assert.Equal(0, source.LeftOut);
        foreach (var (rollout, problem) in source.All.Zip(_problems))
        {
            var prompt = Encode($"Question:\n{problem.Question}\nAnswer reasoning:\n");
            var target = Encode($"{problem.Solution}\nTherefore, the answer is: {problem.Answer}");
            Assert.Equal([.. prompt, .. target, 0], rollout.Tokens);
            Assert.Equal(learnsPrompts ? 1 : prompt.Length, rollout.PromptLength);
            Assert.Equal(rollout.Tokens.Length - rollout.PromptLength, rollout.Roles.Length);
            Assert.All(rollout.Roles, role => Assert.Equal(TokenRole.Sampled, role));
        }
    }

    [Fact]
    public void GoldSolutions_TooLong_AreLeftOutAndCountedOrRefused()
    {
        var lengths = Gold(_problems, maxTokens: 500).All.Select(r => r.Tokens.Length).Order().ToArray();

        var some = Gold(_problems, lengths[1]);

        Assert.Equal((1, 2, 1L), (some.LeftOut, some.All.Count, some.StepsPerEpoch));
        Assert.Throws<InputException>(() => Gold(_problems, lengths[0] - 1));
        Assert.Throws<InputException>(() => Gold([_problems[0] with { Solution = null }], maxTokens: 500));
    }

    [Fact]
    public void PolicyRollouts_Samples_HaveTheirRolesLogProbsAndRewards()
    {
        var curriculum = new Hints(_tokenizer);
        var verifier = new EveryThird();
        var source = Make(curriculum, verifier);

        var rollouts = source.Collect(step: 5, CancellationToken.None);

        Assert.Same(rollouts, curriculum.Observed);
        Assert.Equal(6, rollouts.Select(r => r.SampleId).Distinct().Count());
        var own = PolicyEvaluation.LogProbs(new Policy(_model.Decoder), Episodes.Sequences(rollouts), 4096);
        foreach (var (rollout, b) in rollouts.Select((r, b) => (r, b)))
        {
            var hint = curriculum.HintOf(rollout.Problem);
            Assert.Equal(5, rollout.PolicyStep);
            Assert.Equal(Encode(rollout.Problem.Question), rollout.Tokens[..rollout.PromptLength]);
            Assert.Equal(hint, rollout.Tokens[rollout.PromptLength..(rollout.PromptLength + hint.Length)]);
            Assert.Equal(rollout.ResponseLength, rollout.Roles.Length);
            Assert.Equal(hint.Select(_ => TokenRole.Hint), rollout.Roles[..hint.Length]);
            Assert.All(rollout.Roles[hint.Length..], role => Assert.Equal(TokenRole.Sampled, role));
            Assert.Equal(new float[hint.Length], rollout.LogProbs[..hint.Length]);
            // The sampler's cache against the full forward pass: the last digits of float32.
            Assert.InRange(Episodes.Distance(own[b][hint.Length..], rollout.LogProbs[hint.Length..]), 0, 1e-5);
            Assert.Equal(rollout.IsTruncated, rollout.Tokens[^1] != 0);
            Assert.Equal(_tokenizer.Decode(rollout.Tokens.AsSpan(rollout.PromptLength), skipSpecialTokens: true), rollout.Text);
            Assert.Equal(verifier.Seen[rollout.SampleId].Completion, rollout.Text);
            Assert.Equal($"given {rollout.Problem.Id}", verifier.Seen[rollout.SampleId].Given);
            Assert.Equal(rollout.Verdict!.Outcome switch { Outcome.Correct => 7, Outcome.Incorrect => 3, _ => -1 }, rollout.Reward);
        }

        Assert.Equal(3, rollouts.Select(r => r.Verdict!.Outcome).Distinct().Count());
    }

    [Fact]
    public void PolicyRollouts_Step_IsRepeatableAndAnotherOneDiffers()
    {
        var source = Make(new Hints(_tokenizer), new EveryThird());
        var again = Make(new Hints(_tokenizer), new EveryThird());

        Assert.Equal(Texts(source, 0), Texts(again, 0));
        Assert.NotEqual(Texts(source, 0), Texts(source, 1));
        Assert.Equal(2, Texts(source, 0).Where(t => t.StartsWith("now#", StringComparison.Ordinal)).Distinct().Count());

        static string[] Texts(PolicyRollouts rollouts, long step) => [.. rollouts.Collect(step, CancellationToken.None)
            .Select(r => $"{r.SampleId} {r.Text}").Order(StringComparer.Ordinal)];
    }

    [Theory]
    [InlineData(ChoiceReward.PaperText, 0)]
    [InlineData(ChoiceReward.PaperCode, 3)]
    public void PolicyRollouts_ProgramsOfMultipleChoice_ArePaidByTheChoiceRule(ChoiceReward choice, double expected)
    {
        Problem[] problems = [.. _problems.Select(p => p with { Answer = "c" })];
        var source = Make(new Hints(_tokenizer), new EveryThird(AnswerStyle.Program), problems, new RewardRule
        {
            Correct = 7,
            Partial = 3,
            Choice = choice,
        });

        var rollouts = source.Collect(step: 0, CancellationToken.None);

        Assert.Equal(4, rollouts.Count(r => !r.Verdict!.IsCorrect));
        Assert.All(rollouts, r => Assert.Equal(r.Verdict!.IsCorrect ? 7 : expected, r.Reward));
    }

    private int[] Encode(string text) => _tokenizer.Encode(text, addSpecialTokens: false);

    private GoldSolutions Gold(Problem[] problems, int maxTokens, bool learnsPrompts = false) =>
        new(problems, _template, _tokenizer, stopToken: 0, maxTokens, batchSize: 2, seed: 1, learnsPrompts);

    private PolicyRollouts Make(
        ICurriculum curriculum, IVerifier verifier, Problem[]? problems = null, RewardRule? reward = null) => new(
        problems ?? _problems, curriculum, new CompletionGenerator(_model.Decoder, 4), _tokenizer, verifier,
        new PolicyRolloutOptions
        {
            ProblemsPerStep = 3,
            SamplesPerProblem = 2,
            Sampling = new SamplingOptions
            {
                Temperature = 1,
                TopK = 0,
                TopP = 1,
                MinP = 0,
                MaxTokens = 6,
                StopTokens = [0],
                Seed = 2,
            },
            Rewards = [reward ?? new RewardRule { Correct = 7, Partial = 3, NoAnswer = -1 }],
            Seed = 2,
        });

    /// <summary>Starts with the question itself and, for all but one problem, the first tokens of the solution.</summary>
    private sealed class Hints(Tokenizer tokenizer) : ICurriculum
    {
        public IReadOnlyList<ScoredRollout>? Observed { get; private set; }

        public int[] HintOf(Problem problem) =>
            problem.Id == "pears" ? [] : tokenizer.Encode(problem.Solution!, addSpecialTokens: false)[..2]; // All have one.

        public Start Choose(Problem problem, long step) => new(
            problem, tokenizer.Encode(problem.Question, addSpecialTokens: false), HintOf(problem), $"given {problem.Id}");

        public void Observe(IReadOnlyList<ScoredRollout> rollouts) => Observed = rollouts;

        public JsonObject Save() => [];

        public void Restore(JsonObject state)
        {
        }
    }

    /// <summary>Calls samples correct, incorrect and unanswered in turn.</summary>
    private sealed class EveryThird(AnswerStyle style = AnswerStyle.Number) : IVerifier
    {
        public Dictionary<string, Sample> Seen { get; } = [];

        public AnswerStyle Style => style;

        public Verdicts Verify(IReadOnlyList<Sample> samples, CancellationToken cancellation = default) =>
            Verdicts.Judge(samples, Judge, cancellation: cancellation);

        public string? WhyUnreadable(string answer) => null;

        private Finding Judge(Sample sample)
        {
            Seen[sample.Id] = sample;
            Outcome[] outcomes = [Outcome.Correct, Outcome.Incorrect, Outcome.NoAnswer];
            return new Finding(outcomes[Seen.Count % 3], "1", "");
        }
    }
}
