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

/// <summary>Chains of rationales: what is proposed, what is kept, and what a checkpoint holds of it.</summary>
public sealed class RationaleChainsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly PretrainedModel _model;
    private readonly Tokenizer _tokenizer;

    public RationaleChainsTests() => (_model, _tokenizer) = RandomModel.Create("llama", ScalarType.Float32, CPU, seed: 1, _folder.Path);

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Collect_RejectedProposal_StandsBesideTheLastCorrectOne()
    {
        var chains = Chains(new InTurn("WR", "RW", "WW"), guide: null);

        var first = chains.Collect(0, CancellationToken.None);
        Assert.Equal(0.5, chains.Figures["trice/known_share"]);
        var second = chains.Collect(1, CancellationToken.None);
        Assert.Equal(1, chains.Figures["trice/known_share"]);
        var third = chains.Collect(2, CancellationToken.None);

        Assert.All(first, r => Assert.EndsWith("#0", r.SampleId, StringComparison.Ordinal)); // Nothing is known yet.
        AssertKept(second, first, "p1");
        AssertKept(third, second, "p0");
        AssertKept(third, first, "p1");
        Assert.Equal((3, 4), (second.Count, third.Count));
        Assert.All(second.Concat(third).Where(r => r.Verdict is null), r => Assert.Empty(r.LogProbs));
    }

    [Fact]
    public void Collect_Guide_BeginsEveryChainOnceAndLearnsItUnderThePlainQuestion()
    {
        var verifier = new InTurn("RW", "WW", "WW");
        var chains = Chains(verifier, "It is {answer}.");

        var first = chains.Collect(0, CancellationToken.None);
        var second = chains.Collect(1, CancellationToken.None);

        // The guided draws, two proposals, two proposals; the one that was right is kept under the proposal's prompt.
        Assert.Equal(3, verifier.Calls);
        var kept = Assert.Single(first, r => r.Verdict is null);
        var proposal = Assert.Single(first, r => r.Problem.Id == kept.Problem.Id && r.Verdict is not null);
        Assert.Equal(proposal.Tokens[..proposal.PromptLength], kept.Tokens[..kept.PromptLength]);
        Assert.NotEqual(proposal.Tokens, kept.Tokens);
        Assert.Equal(kept.Tokens, Assert.Single(second, r => r.Verdict is null).Tokens);
        Assert.Equal("What is 7?\nIt is 7.", RationaleChains.Guided(new Problem("p", "What is 7? ", " 7"), "It is {answer}.").Question);
    }

    [Fact]
    public void Restore_SavedState_GoesOnTheSame()
    {
        var whole = Chains(new InTurn("RW", "WW"), guide: null);
        whole.Collect(0, CancellationToken.None);
        var state = whole.Save();
        var expected = whole.Collect(1, CancellationToken.None);
        var resumed = Chains(new InTurn("WW"), guide: null);

        resumed.Restore(state);
        var rollouts = resumed.Collect(1, CancellationToken.None);

        Assert.Equal(3, rollouts.Count);
        Assert.Equal(expected.Select(r => (r.SampleId, r.Text, r.FinishReason)), rollouts.Select(r => (r.SampleId, r.Text, r.FinishReason)));
        Assert.Equal(expected.Select(r => r.Tokens), rollouts.Select(r => r.Tokens));
        state["rationales"]!.AsObject().First().Value!.AsObject().Remove("tokens"); // One is kept.
        Assert.Throws<InputException>(() => resumed.Restore(state));
    }

    private static void AssertKept(IReadOnlyList<ScoredRollout> step, IReadOnlyList<ScoredRollout> before, string problem)
    {
        var kept = Assert.Single(step, r => r.Problem.Id == problem && r.Verdict is null);
        var drawn = Assert.Single(before, r => r.Problem.Id == problem && r.Verdict is { IsCorrect: true });
        Assert.Equal(drawn.Tokens, kept.Tokens);
        Assert.Equal(drawn.Text, kept.Text);
    }

    /// <summary>Two problems; letters say what becomes of the problems by their ids, call by call.</summary>
    private RationaleChains Chains(IVerifier verifier, string? guide) => new(
        new PolicyRollouts(
            [new Problem("p0", "What is 0?", "0"), new Problem("p1", "What is 1?", "1")],
            new PlainCurriculum(new PromptTemplate { Style = AnswerStyle.Number }, _tokenizer),
            new CompletionGenerator(_model.Decoder, 8), _tokenizer, verifier,
            new PolicyRolloutOptions
            {
                ProblemsPerStep = 2,
                SamplesPerProblem = 1,
                Sampling = new SamplingOptions { Temperature = 1, TopK = 0, TopP = 1, MinP = 0, MaxTokens = 5, StopTokens = [0], Seed = 3 },
                Rewards = [new RewardRule()],
                Seed = 7,
            }),
        guide);

    private sealed class InTurn(params string[] calls) : IVerifier
    {
        public int Calls { get; private set; }

        public AnswerStyle Style => AnswerStyle.Number;

        public Verdicts Verify(IReadOnlyList<Sample> samples, CancellationToken cancellation = default)
        {
            var call = calls[Calls++];
            return Verdicts.Judge(
                samples,
                s => call[s.Answer[0] - '0'] == 'R' ? new Finding(Outcome.Correct, s.Answer, "") : new Finding(Outcome.Incorrect, "99", ""),
                cancellation: cancellation);
        }

        public string? WhyUnreadable(string answer) => null;
    }
}
