using Reft.Algorithms;
using Reft.Checkpoints;
using Reft.Methods;
using Reft.Models;
using Reft.Problems;
using Reft.Rollouts;
using Reft.Tests.Training;
using static TorchSharp.torch;

namespace Reft.Tests.Algorithms;

/// <summary>Hindsight relabelling has the gradient of its own formula, whatever the split.</summary>
public sealed class HindsightPairsTests : IDisposable
{
    // Two samples, each under the instruction that it followed (token 2 or 3) and under the other one.
    private static readonly ScoredRollout[] _rollouts =
    [
        Make("0:a@0#0+", "a", [2, 1, 4, 5, 0]), Make("0:a@0#0-", "a", [3, 1, 4, 5, 0]),
        Make("1:b@0#1+", "b", [3, 6, 0]), Make("1:b@0#1-", "b", [2, 6, 0]),
    ];

    private readonly PretrainedModel _model = TinyModels.Llama(10, width: 16);
    private readonly Policy _policy;

    public HindsightPairsTests()
    {
        _policy = new Policy(_model.Decoder);
        _policy.RequireGradients(true);
    }

    public void Dispose() => _policy.Dispose();

    [Theory]
    [InlineData(1, 1.0, 0.2, 0.05)]
    [InlineData(4, 1.0, 0.2, 0.05)]
    [InlineData(4, 0.5, 0.0, 0.0)]
    [InlineData(4, 0.0, 0.2, 0.3)]
    public void Loss_Gradient_IsThatOfTheFormulaWrittenOut(int rowsOfAPiece, double contrast, double smoothing, double entropy)
    {
        using var scope = NewDisposeScope();
        var algorithm = Hir.Create(new HirOptions { Contrast = contrast, Smoothing = smoothing, Entropy = entropy });
        var metrics = new StepMetrics();
        var rows = algorithm.Prepare(_rollouts, _policy, metrics).Where(t => !t.LeftOut).ToArray();
        var weights = algorithm.Weigh(rows);
        foreach (var piece in Enumerable.Range(0, rows.Length).Chunk(rowsOfAPiece))
        {
            var columns = new TokenColumns([.. piece.Select(b => rows[b])], [.. piece.Select(b => weights[b])], CPU);
            algorithm.Loss(_policy.Evaluate([.. columns.Rows.Select(t => t.Sequence)], algorithm.Questions(0)), columns, metrics, 0).backward();
        }

        var found = Episodes.TakeGradients(_policy);
        WrittenOut(contrast, smoothing, entropy).backward();
        var expected = Episodes.TakeGradients(_policy);

        Assert.Equal(contrast == 0 ? 2 : 4, rows.Length);
        Assert.InRange(expected.Max(Math.Abs), 1e-3, 100);
        Assert.InRange(Episodes.Distance(expected, found), 0, 2e-6 * expected.Max(Math.Abs));
    }

    [Fact]
    public void Weigh_InstructionThatIsIgnored_LosesLogTwo()
    {
        var metrics = new StepMetrics();
        var algorithm = Hir.Create(new HirOptions());
        // The same prompt on both sides is an instruction that changes nothing.
        var rows = algorithm.Prepare([_rollouts[0], _rollouts[0] with { SampleId = "0:a@0#0-" }], _policy, metrics);

        algorithm.Weigh(rows);

        Assert.Equal(Math.Log(2), metrics["loss/contrast"], 1e-6);
        Assert.Equal(0, metrics["hindsight/gap"], 1e-6);
    }

    private Tensor WrittenOut(double contrast, double smoothing, double entropy)
    {
        var losses = new[] { (0, 1), (2, 3) }.Select(pair =>
        {
            var (logs, other) = (Logs(_rollouts[pair.Item1]), Logs(_rollouts[pair.Item2]));
            var (own, ignored) = (Chosen(_rollouts[pair.Item1], logs).mean(), Chosen(_rollouts[pair.Item2], other).mean());
            // As the authors have it: probabilities that are geometric means over tokens, and their shares of the sum of both.
            var sum = own.exp() + ignored.exp();
            var (follows, ignores) = (own.exp() / sum, ignored.exp() / sum);
            return Times(-own, 1 - smoothing) + Times(-logs.mean(), smoothing)
                + Times(Times(-follows.log(), 1 - smoothing) + Times(-ignores.log(), smoothing), contrast)
                + Times((logs.exp() * logs).sum([1]).mean(), entropy);
        }).ToArray();
        return stack(losses).mean();

        static Tensor Times(Tensor x, double factor) => x * tensor((float)factor);
    }

    /// <summary>Log-probabilities of all tokens in the states before a response [T, V].</summary>
    private Tensor Logs(ScoredRollout rollout)
    {
        var hidden = _model.Decoder.Hidden(new TokenBatch([rollout.Tokens[..^1]]));
        return nn.functional.log_softmax(_model.Decoder.Logits(hidden), 1)[(rollout.PromptLength - 1)..];
    }

    private static Tensor Chosen(ScoredRollout rollout, Tensor logs) =>
        logs.gather(1, tensor(rollout.Tokens.Skip(rollout.PromptLength).Select(t => (long)t).ToArray()).unsqueeze(1)).squeeze(1);

    private static ScoredRollout Make(string id, string problem, int[] tokens) => Episodes.Make(0, tokens, prompt: 1) with
    {
        SampleId = id,
        Problem = new Problem(problem, "", ""),
        Verdict = null,
    };
}
