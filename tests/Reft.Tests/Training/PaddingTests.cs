using FsCheck;
using FsCheck.Fluent;
using Reft.Algorithms;
using Reft.Checkpoints;
using Reft.Models;
using Reft.Numerics;
using Reft.Rollouts;
using Reft.Tests.Numerics;
using static TorchSharp.torch;

namespace Reft.Tests.Training;

/// <summary>No mask is ever made from an id, padding has no content, and sequences in a pack do not see each other.</summary>
public sealed class PaddingTests : IDisposable
{
    private const int Vocabulary = 11;
    private const int Stop = 0;

    private readonly PretrainedModel _model = TinyModels.Llama(Vocabulary, width: 16, layers: 2);
    private readonly PretrainedModel _gpt2 = TinyModels.Gpt2(Vocabulary, width: 16, layers: 2);

    public void Dispose()
    {
        _model.Dispose();
        _gpt2.Dispose();
    }

    [Fact]
    public void FromPadded_AnyContentAndSideOfPadding_GivesTheSameBits() => Prop
        .ForAll<int>(seed =>
        {
            var random = new CounterRandom((ulong)seed);
            var rows = Enumerable.Range(0, 4).Select(_ =>
                Enumerable.Range(0, random.Between(1, 9)).Select(_ => random.Below(Vocabulary)).ToArray()).ToArray();

            var plain = LossAndGradient(new TokenBatch(rows));
            // Zeros, the stop token of these models, on the right as trainers pad; then anything, on both sides.
            var stops = LossAndGradient(Padded(rows, _ => 0, () => Stop));
            var anything = LossAndGradient(Padded(rows, room => random.Below(room + 1), () => random.Below(Vocabulary)));

            Assert.Equal(plain, stops);
            Assert.Equal(plain, anything);
        })
        .Check(Config.QuickThrowOnFailure.WithMaxTest(25));

    [Theory]
    [InlineData("llama")]
    [InlineData("gpt2")]
    public void Loss_StopTokenInsidePromptAndResponse_CountsLikeAnyOther(string family)
    {
        var model = family == "llama" ? _model : _gpt2;
        // Stop, pad and a prompt's token are one id; then the same sequences in another alphabet, where they are not special.
        int[][] sequences = [[3, Stop, 5, Stop, 7, Stop], [Stop, 4, Stop]];
        var renamed = sequences.Select(s => s.Select(t => t == Stop ? 9 : t == 9 ? Stop : t).ToArray()).ToArray();

        var (loss, learned, gradient) = CrossEntropy(model, sequences);
        Exchange(model, Stop, 9);
        var (otherLoss, otherLearned, otherGradient) = CrossEntropy(model, renamed);

        Assert.Equal((6.0, 6.0), (learned, otherLearned));
        // The rows of the two ids change places, and nothing else: sums of float32 over the vocabulary in another order.
        Assert.InRange(Math.Abs(loss - otherLoss), 0, Float32Bounds.Worst(Vocabulary) * loss);
        Assert.InRange(Math.Abs(gradient - otherGradient), 0, 1e-5 * gradient);
    }

    [Fact]
    public void Evaluate_Packed_EqualsEverySequenceAlone() => Prop
        .ForAll<int>(seed =>
        {
            var model = seed % 2 == 0 ? _model : _gpt2;
            using var head = new ValueHead(16, zero: false, seed: 4, CPU);
            var policy = new Policy(model.Decoder, head);
            policy.RequireGradients(true);
            var sequences = Episodes.Sequences(Episodes.Random((ulong)seed, 5, Vocabulary));

            var packed = Run(policy, [sequences]);
            var alone = Run(policy, [.. sequences.Select(s => new[] { s })]);

            // Products of other shapes may be summed in another order: rounding alone.
            Assert.InRange(Episodes.Distance(packed.Outputs, alone.Outputs), 0, 2e-6);
            var largest = Math.Max(1, alone.Gradients.Max(Math.Abs));
            Assert.InRange(Episodes.Distance(packed.Gradients, alone.Gradients), 0, 1e-6 * largest);
        })
        .Check(Config.QuickThrowOnFailure.WithMaxTest(25));

    private static (float[] Outputs, float[] Gradients) Run(Policy policy, PolicySequence[][] packs)
    {
        using var scope = NewDisposeScope();
        var outputs = new List<float>();
        foreach (var pack in packs)
        {
            var (logProbs, values, _) = policy.Evaluate(pack, PolicyQuestions.Values);
            (logProbs.sum() + (0.5 * values!.square().sum())).backward(); // They are asked for.
            outputs.AddRange(Episodes.Values(stack([logProbs, values], 1))); // [M, 2]
        }

        return ([.. outputs], Episodes.TakeGradients(policy));
    }

    private float[] LossAndGradient(TokenBatch batch)
    {
        using var scope = NewDisposeScope();
        var policy = new Policy(_model.Decoder);
        policy.RequireGradients(true);
        var hidden = _model.Decoder.Hidden(batch);
        var loss = _model.Decoder.LogProbs(hidden, tensor(batch.Tokens)).mean();
        loss.backward();
        return [loss.item<float>(), .. Episodes.TakeGradients(policy)];
    }

    private static TokenBatch Padded(int[][] rows, Func<int, int> left, Func<int> padding)
    {
        const int Length = 10;
        var ids = new int[rows.Length][];
        var mask = new bool[rows.Length][];
        for (var b = 0; b < rows.Length; b++)
        {
            var first = left(Length - rows[b].Length);
            ids[b] = [.. Enumerable.Range(0, Length).Select(i =>
                i >= first && i < first + rows[b].Length ? rows[b][i - first] : padding())];
            mask[b] = [.. Enumerable.Range(0, Length).Select(i => i >= first && i < first + rows[b].Length)];
        }

        return TokenBatch.FromPadded(ids, mask);
    }

    private static (float Loss, double Learned, double GradientNorm) CrossEntropy(PretrainedModel model, int[][] sequences)
    {
        using var scope = NewDisposeScope();
        var policy = new Policy(model.Decoder);
        policy.RequireGradients(true);
        var algorithm = Reft.Algorithms.CrossEntropy.Create(new CrossEntropyOptions());
        var metrics = new StepMetrics();
        ScoredRollout[] rollouts = [Episodes.Make(0, sequences[0], prompt: 2), Episodes.Make(1, sequences[1], prompt: 1)];
        var trajectories = algorithm.Prepare(rollouts, policy, metrics);
        var columns = new TokenColumns(trajectories, algorithm.Weigh(trajectories), CPU);
        var outputs = policy.Evaluate(Episodes.Sequences(rollouts), PolicyQuestions.None);
        var loss = algorithm.Loss(outputs, columns, metrics, step: 0);
        loss.backward();
        var gradients = Episodes.TakeGradients(policy);
        return (loss.item<float>(), metrics["tokens/learned"], Math.Sqrt(gradients.Sum(g => (double)g * g)));
    }

    /// <summary>Gives two ids each other's embedding and each other's row in the head.</summary>
    private static void Exchange(PretrainedModel model, int a, int b)
    {
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        foreach (var table in model.Decoder.Parameters.Where(p => p.Value.dim() == 2 && p.Value.shape[0] == Vocabulary))
        {
            var (first, second) = (table.Value[a].clone(), table.Value[b].clone());
            table.Value[a].copy_(second);
            table.Value[b].copy_(first);
        }
    }
}
