using Reft.Algorithms;
using Reft.Algorithms.Preparations;
using Reft.Algorithms.Terms;
using Reft.Checkpoints;
using Reft.Models;
using Reft.Problems;
using Reft.Rollouts;
using Reft.Tests.Training;
using Reft.Verification;
using static TorchSharp.torch;

namespace Reft.Tests.Algorithms;

/// <summary>Preference optimisation as signed weights of a log-likelihood has the gradient of its own formula, whatever the split.</summary>
public sealed class VerifiedPairsTests : IDisposable
{
    private const double Beta = 0.7;

    // "a" has two pairs, "b" one and a wrong one too many, "c" none.
    private static readonly ScoredRollout[] _rollouts =
    [
        Make("a#0", "a", [1, 2, 3, 4], true), Make("a#1", "a", [1, 2, 5], false), Make("b#0", "b", [2, 6], false),
        Make("a#2", "a", [1, 2, 7, 7, 7], false), Make("a#3", "a", [1, 2, 8], true), Make("b#1", "b", [2, 3, 9], true),
        Make("b#2", "b", [2, 4], false), Make("c#0", "c", [3, 3], true),
    ];

    private readonly PretrainedModel _model = TinyModels.Llama(10, width: 16);
    private readonly Policy _policy;

    public VerifiedPairsTests()
    {
        _policy = new Policy(_model.Decoder);
        _policy.RequireGradients(true);
    }

    public void Dispose() => _policy.Dispose();

    [Theory]
    [InlineData(null, new[] { "a#0", "a#1", "b#0", "a#2", "a#3", "b#1" })]
    [InlineData(1, new[] { "a#0", "a#1", "b#0", "b#1" })]
    public void Prepare_Samples_ArePairedInOrderAndTheRestLeftOut(int? most, string[] expected)
    {
        var metrics = new StepMetrics();

        var rows = Pairs(most).Prepare(_rollouts, _policy, metrics);

        Assert.Equal(_rollouts.Select(r => r.SampleId), rows.Select(t => t.Rollout.SampleId));
        Assert.Equal(expected, rows.Where(t => !t.LeftOut).Select(t => t.Rollout.SampleId));
        Assert.Equal(expected.Length / 2, metrics["dpo/pairs"]);
    }

    // Of a two in four are right, of b one in three, of c all.
    [Theory]
    [InlineData(0, 0.34, new[] { "b#0", "b#1" })]
    [InlineData(0.34, 0.85, new[] { "a#0", "a#1", "a#2", "a#3" })]
    [InlineData(0.5, 0.5, new[] { "a#0", "a#1", "a#2", "a#3" })]
    [InlineData(0.6, 1, new string[0])]
    public void Prepare_ShareOfCorrectOnes_OutsideTheBandGivesNoPairs(double low, double high, string[] expected)
    {
        var pairs = new VerifiedPairs(Beta, new PairChoice { AccuracyLow = low, AccuracyHigh = high }, Reference, evaluationTokens: 8);

        var rows = pairs.Prepare(_rollouts, _policy, new StepMetrics());

        Assert.Equal(expected, rows.Where(t => !t.LeftOut).Select(t => t.Rollout.SampleId));
    }

    [Fact]
    public void Weigh_PolicyThatIsItsReference_LosesLogTwo()
    {
        var metrics = new StepMetrics();
        var pairs = new VerifiedPairs(Beta, new PairChoice(), sequences => PolicyEvaluation.LogProbs(_policy, sequences, 8), evaluationTokens: 8);

        pairs.Weigh([.. pairs.Prepare(_rollouts, _policy, metrics).Where(t => !t.LeftOut)]);

        Assert.Equal(Math.Log(2), metrics["loss/dpo"], 1e-6);
        Assert.Equal(0, metrics["dpo/margin"], 1e-6);
    }

    [Fact]
    public void Weigh_FirstTokensAlone_ComparesNoOthers()
    {
        var metrics = new StepMetrics();
        var pairs = new VerifiedPairs(Beta, new PairChoice { MostTokens = 1 }, Reference, evaluationTokens: 8);
        var rows = pairs.Prepare(_rollouts, _policy, metrics).Where(t => !t.LeftOut).ToArray();

        var weights = pairs.Weigh(rows);

        Assert.All(weights, row => Assert.Equal([true, .. row.Skip(1).Select(_ => false)], row.Select(w => w != 0)));
        // By hand: the first response token alone of each pair, as the policy has it, against -0.2 times its id.
        var margins = new[] { (0, 1), (4, 3), (5, 2) }.Select(pair => Beta * (First(_rollouts[pair.Item1]) - First(_rollouts[pair.Item2])));
        Assert.Equal(margins.Average(m => Math.Log(1 + Math.Exp(-m))), metrics["loss/dpo"], 1e-5);

        double First(ScoredRollout rollout) =>
            PolicyEvaluation.LogProbs(_policy, [new PolicySequence(rollout.Tokens[..2], 1)], 8)[0][0] + (0.2 * rollout.Tokens[1]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    public void Loss_Gradient_IsThatOfTheFormulaWrittenOut(int rowsOfAPiece)
    {
        using var scope = NewDisposeScope();
        var pairs = Pairs(null);
        var algorithm = new ComposedAlgorithm(new AlgorithmParts { Preparation = pairs, Weighting = pairs, Terms = [new LogLikelihood()] });
        var metrics = new StepMetrics();
        var rows = algorithm.Prepare(_rollouts, _policy, metrics).Where(t => !t.LeftOut).ToArray();
        var weights = algorithm.Weigh(rows);
        foreach (var piece in Enumerable.Range(0, rows.Length).Chunk(rowsOfAPiece))
        {
            var columns = new TokenColumns([.. piece.Select(b => rows[b])], [.. piece.Select(b => weights[b])], CPU);
            algorithm.Loss(_policy.Evaluate([.. columns.Rows.Select(t => t.Sequence)], PolicyQuestions.None), columns, metrics, 0).backward();
        }

        var found = Episodes.TakeGradients(_policy);
        var loss = WrittenOut();
        loss.backward();
        var expected = Episodes.TakeGradients(_policy);

        Assert.Equal(loss.item<float>(), metrics["loss/dpo"], 1e-5);
        Assert.InRange(expected.Max(Math.Abs), 1e-2, 100);
        Assert.InRange(Episodes.Distance(expected, found), 0, 1e-6 * expected.Max(Math.Abs));
    }

    private Tensor WrittenOut()
    {
        var losses = new[] { (0, 1), (4, 3), (5, 2) }.Select(pair =>
            -nn.functional.logsigmoid(tensor((float)Beta) * (LogRatio(_rollouts[pair.Item1]) - LogRatio(_rollouts[pair.Item2])))).ToArray();
        return stack(losses).mean();
    }

    private Tensor LogRatio(ScoredRollout rollout) =>
        (_policy.Evaluate([new PolicySequence(rollout.Tokens, rollout.PromptLength)], PolicyQuestions.None).LogProbs
            - tensor(Reference([new PolicySequence(rollout.Tokens, rollout.PromptLength)])[0])).sum();

    private static VerifiedPairs Pairs(int? most) => new(Beta, new PairChoice { MostPerProblem = most }, Reference, evaluationTokens: 8);

    private static float[][] Reference(IReadOnlyList<PolicySequence> sequences) =>
        [.. sequences.Select(s => s.Tokens.Skip(s.PromptLength).Select(token => -0.2f * token).ToArray())];

    private static ScoredRollout Make(string id, string problem, int[] tokens, bool isRight) =>
        Episodes.Make(0, tokens, prompt: 1) with
        {
            SampleId = id,
            Problem = new Problem(problem, "", ""),
            Verdict = new Verdict(id, isRight ? Outcome.Correct : Outcome.Incorrect, "1", ""),
        };
}
