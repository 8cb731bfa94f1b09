using Reft.Algorithms;
using Reft.Algorithms.Preparations;
using Reft.Answers;
using Reft.Certification;
using Reft.Checkpoints;
using Reft.Evaluation.Turns;
using Reft.Generation;
using Reft.Models;
using Reft.Problems;
using Reft.Rollouts;
using Reft.Rollouts.Curricula;
using Reft.Text;
using Reft.Verification;
using Reft.Verification.Rewards;
using static TorchSharp.torch;

namespace Reft.Tests.Rollouts;

/// <summary>Several attempts at a problem: what each sees, which are learned, and how much.</summary>
public sealed class IntrospectionTests : IDisposable
{
    private static readonly int[] _feedback = [5, 6, 7];

    private readonly TemporaryFolder _folder = new();
    private readonly PretrainedModel _model;
    private readonly Tokenizer _tokenizer;

    public IntrospectionTests() => (_model, _tokenizer) = RandomModel.Create("llama", ScalarType.Float32, CPU, seed: 1, _folder.Path);

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Attempts_Prompts_HoldTheLatestAttemptsAndTheirFeedback()
    {
        var start = new Start(new Problem("p", "", ""), [1, 2], [], "");
        var attempts = new Attempts(start, [9], window: 2);
        attempts.Add(Turn("p#0", [1, 2, 3, 0], prompt: 2));
        Assert.Equal([1, 2, 3, 0, 9], attempts.Next().PromptTokens);
        attempts.Add(Turn("p#1", [1, 2, 3, 0, 9, 4, 0], prompt: 5));
        Assert.Equal([1, 2, 3, 0, 9, 4, 0, 9], attempts.Next().PromptTokens);
        attempts.Add(Turn("p#2", [1, 2, 3, 0, 9, 4, 0, 9, 8], prompt: 8));

        // Of three attempts the first has left the window.
        Assert.Equal([1, 2, 4, 0, 9, 8, 9], attempts.Next().PromptTokens);
        var third = attempts.Sequence(2);
        Assert.Equal([1, 2, 3, 0, 9, 4, 0, 9, 8], third.Tokens);
        Assert.Equal((2, 3), (third.PromptLength, third.Turn));
        Assert.Equal("SSFSSFS", string.Concat(third.Roles.Select(role => role == TokenRole.Feedback ? 'F' : 'S')));
        Assert.Equal([-1, -1, 0, -1, -1, 0, -1], third.LogProbs);
    }

    [Fact]
    public void Collect_WrongFirstAttempts_AreTriedAgainAndTheBestIsTaken()
    {
        var verifier = new ByNumber();
        var rollouts = Source(verifier, turns: 3, KeepRule.All).Collect(4, CancellationToken.None);

        // By the rule of the verifier: problems 0 and 3 are right at once, 1 and 4 at the third sample of a second attempt, 2 and 5 never.
        var turns = rollouts.GroupBy(r => r.Problem.Id).ToDictionary(g => g.Key, g => g.ToArray());
        foreach (var (id, own) in turns)
        {
            var number = id[1] - '0';
            Assert.Equal((number % 3) switch { 0 => 1, 1 => 2, _ => 3 }, own.Length);
            Assert.Equal(Enumerable.Range(1, own.Length), own.Select(r => r.Turn));
            Assert.Equal(number % 3 != 2, own[^1].Verdict!.IsCorrect);
            Assert.All(own, r => Assert.Equal(r.SampleId, r.Verdict!.SampleId));
            if (own.Length > 1)
            {
                int[] before = [.. own[0].Tokens, .. _feedback];
                Assert.Equal(before, own[1].Tokens[..before.Length]);
            }
        }

        Assert.Equal(rollouts.Count, rollouts.Select(r => r.SampleId).Distinct().Count());
    }

    // Worth 0, -1, 0, 1 in their order; the last has the text of the second in the last row.
    [Theory]
    [InlineData(KeepRule.All, new[] { 1, 0.0820849986238988, 1, 12.182493960703473 })]
    [InlineData(KeepRule.Better, new[] { 1, 0, 1, 12.182493960703473 })]
    [InlineData(KeepRule.Best, new[] { 1, 0, 1, 12.182493960703473 })]
    [InlineData(KeepRule.Success, new[] { 0, 0, 0, 12.182493960703473 })]
    public void Collect_KeepRule_GivesTheWeightsOfThePaper(KeepRule keep, double[] expected)
    {
        var source = Source(new InTurn([Outcome.Incorrect, Outcome.NoAnswer, Outcome.Incorrect, Outcome.Correct]), turns: 4, keep, count: 1, bestOf: 1);

        var rollouts = source.Collect(0, CancellationToken.None);

        Assert.Equal(expected, rollouts.Select(r => r.Weight), (a, b) => Math.Abs(a - b) < 1e-12);
    }

    [Fact]
    public void Collect_SameTextAgain_IsNotLearned()
    {
        var first = Rollouts(new InTurn([Outcome.Incorrect]), count: 1).Collect(0, CancellationToken.None)[0];
        var gold = Turn("p0", [1, 4, 5, 0], prompt: 1) with { LogProbs = [], Text = $" {first.Text} " };
        var source = new IntrospectionRollouts(
            Rollouts(new InTurn([Outcome.Incorrect]), count: 1), Options(3, KeepRule.All, 2) with { Expert = ImprovingExpert.Gold }, _ => _feedback, _ => gold);

        Assert.Equal([1, 0], source.Collect(0, CancellationToken.None).Select(r => r.Weight));
    }

    [Fact]
    public void Collect_KnownSolution_IsTheSecondAttempt()
    {
        var problem = new Problem("p0", "What is 0?", "0", "It is 0.");
        var gold = Turn("p0", [1, 4, 5, 0], prompt: 1) with { LogProbs = [], Problem = problem, Text = "It is 0." };
        var source = new IntrospectionRollouts(
            Rollouts(new InTurn([Outcome.Incorrect]), count: 1), Options(3, KeepRule.All, 2) with { Expert = ImprovingExpert.Gold }, _ => _feedback, _ => gold);

        var rollouts = source.Collect(0, CancellationToken.None);

        Assert.Equal(2, rollouts.Count);
        Assert.Equal([.. rollouts[0].Tokens, .. _feedback, 4, 5, 0], rollouts[1].Tokens);
        Assert.Equal((0, Math.Exp(2.5)), (rollouts[1].LogProbs.Length, rollouts[1].Weight));
    }

    [Fact]
    public void Weigh_Attempts_CountTheirLastTurnAlone()
    {
        var rows = new WeighedTurns().Prepare(
            [
                Turn("a", [1, 2, 3, 9, 4, 0], 1) with { Roles = Roles("SSFSS"), Weight = 3, Turn = 2 },
                Turn("b", [1, 2, 0], 1) with { Weight = 0.5, Turn = 1 },
                Turn("c", [1, 2, 0], 1) with { Weight = 0, Turn = 1 },
            ],
            new Policy(_model.Decoder), new StepMetrics());

        var weights = new WeighedTurns().Weigh(rows);

        // w / (2 sequences that are learned) / (2 tokens of the last attempt).
        Assert.Equal([0, 0, 0, 0.75f, 0.75f], weights[0]);
        Assert.Equal([0.125f, 0.125f], weights[1]);
        Assert.Equal([0, 0], weights[2]);
    }

    [Fact]
    public void Evaluate_Turns_AreCountedAsDrawn()
    {
        var problems = Problems(6);
        var report = new TurnEvaluation(Rollouts(new ByNumber(), 6), _ => _feedback, turns: 3, window: 1, AnswerStyle.Number, AnswerPolicy.Exact).Evaluate(problems);

        // First attempts are right of problems 0 and 3 alone; no attempt after is numbered 8 or more, so none is right of 1 and 4 either.
        Assert.Equal((6, 3, 2 / 6.0), (report.Problems, report.Attempts, report.First.Value));
        Assert.Equal(2 / 6.0, report.FirstMajority.Value, 1e-12);
        Assert.Equal(2 / 6.0, report.TurnPass.Value, 1e-12);
        Assert.Equal([2 / 6.0, 2 / 6.0, 2 / 6.0], report.Turns.Select(turn => turn.Value));
        Assert.Equal((0.0, 0.0), (report.Mended.Value, report.Spoilt.Value));
    }

    private static TokenRole[] Roles(string letters) => [.. letters.Select(letter => letter == 'F' ? TokenRole.Feedback : TokenRole.Sampled)];

    private static ScoredRollout Turn(string id, int[] tokens, int prompt) => new()
    {
        SampleId = id,
        Problem = new Problem("p", "", ""),
        Tokens = tokens,
        PromptLength = prompt,
        Roles = [.. tokens.Skip(prompt).Select(_ => TokenRole.Sampled)],
        LogProbs = [.. tokens.Skip(prompt).Select(_ => -1f)],
        Text = id,
    };

    private static Problem[] Problems(int count) => [.. Enumerable.Range(0, count).Select(i => new Problem($"p{i}", $"What is {i}?", $"{i}"))];

    private static IntrospectionOptions Options(int turns, KeepRule keep, int bestOf) =>
        new() { Turns = turns, BestOf = bestOf, Keep = keep, Temperature = 0.4, Window = 2 };

    private IntrospectionRollouts Source(
        IVerifier verifier, int turns, KeepRule keep, int count = 6, int bestOf = 4) =>
        new(Rollouts(verifier, count), Options(turns, keep, bestOf), _ => _feedback, _ => null);

    private PolicyRollouts Rollouts(IVerifier verifier, int count) => new(
        Problems(count), new PlainCurriculum(new PromptTemplate { Style = AnswerStyle.Number }, _tokenizer),
        new CompletionGenerator(_model.Decoder, 8), _tokenizer, verifier,
        new PolicyRolloutOptions
        {
            ProblemsPerStep = 6,
            SamplesPerProblem = 1,
            Sampling = new SamplingOptions { Temperature = 1, TopK = 0, TopP = 1, MinP = 0, MaxTokens = 5, StopTokens = [0], Seed = 3 },
            Rewards = [new RewardRule()],
            Seed = 7,
        });

    /// <summary>Of three problems the first is always right, the second where the sample's number is the third of a second attempt's, the third never.</summary>
    private sealed class ByNumber : IVerifier
    {
        public AnswerStyle Style => AnswerStyle.Number;

        public Verdicts Verify(IReadOnlyList<Sample> samples, CancellationToken cancellation = default) => Verdicts.Judge(
            samples,
            s => int.Parse(s.Answer, System.Globalization.CultureInfo.InvariantCulture) % 3 is var kind
                && (kind == 0 || (kind == 1 && s.Id.EndsWith("#3", StringComparison.Ordinal)))
                    ? new Finding(Outcome.Correct, s.Answer, "")
                    : new Finding(Outcome.Incorrect, "99", ""),
            cancellation: cancellation);

        public string? WhyUnreadable(string answer) => null;
    }

    /// <summary>One outcome a call, in their order.</summary>
    private sealed class InTurn(Outcome[] outcomes) : IVerifier
    {
        private int _calls;

        public AnswerStyle Style => AnswerStyle.Number;

        public Verdicts Verify(IReadOnlyList<Sample> samples, CancellationToken cancellation = default)
        {
            var outcome = outcomes[_calls++];
            return Verdicts.Judge(samples, _ => new Finding(outcome, "", ""), cancellation: cancellation);
        }

        public string? WhyUnreadable(string answer) => null;
    }
}
