using Reft.Algorithms;
using Reft.Algorithms.Preparations;
using Reft.Checkpoints;
using Reft.Models;
using Reft.Rollouts;
using Reft.Tests.Training;
using static TorchSharp.torch;

namespace Reft.Tests.Algorithms;

/// <summary>Rewards spread over tokens: their sums, and the attention that spreads them, against plain arithmetic.</summary>
public sealed class CreditTests : IDisposable
{
    private readonly PretrainedModel _model = TinyModels.Llama(12, width: 16);

    public void Dispose() => _model.Dispose();

    [Theory]
    [InlineData(0.3)]
    [InlineData(0.8)]
    [InlineData(1.0)]
    public void Shape_AnyShare_SumsToTheReward(double share)
    {
        var trajectories = Trajectories();

        new RewardShaping { Credit = new Credit(share, Thirds) }.Shape(trajectories, null, new StepMetrics());

        // By hand: a is 1/2, 1/4, 1/4 of three sampled tokens.
        Assert.All(trajectories, t => Assert.Equal(t.Rollout.Reward, t.Rewards.Sum(), 1e-12));
        Assert.Equal([2 * share / 2, 0, 2 * share / 4, (2 * share / 4) + (2 * (1 - share))], trajectories[0].Rewards, (a, b) => Math.Abs(a - b) < 1e-12);
    }

    [Fact]
    public void Shape_ShareOfNothing_IsTheTerminalRewardToTheBit()
    {
        var (plain, credited) = (Trajectories(), Trajectories());

        new RewardShaping().Shape(plain, 0.1, new StepMetrics());
        new RewardShaping { Credit = new Credit(0, _ => throw new InvalidOperationException("nobody is asked")) }.Shape(credited, 0.1, new StepMetrics());

        Assert.Equal(plain.SelectMany(t => t.Rewards).Select(BitConverter.DoubleToInt64Bits), credited.SelectMany(t => t.Rewards).Select(BitConverter.DoubleToInt64Bits));
    }

    [Fact]
    public void Normalised_Attention_IsADistributionOverSampledTokens()
    {
        var trajectories = Trajectories();

        var weights = Credit.Normalised(trajectories, [[3, 9, 0, 1], [0, 0]]);

        Assert.Equal([0.75, 0, 0, 0.25], weights[0]);
        Assert.Equal([0.5, 0.5], weights[1]);
        Assert.Equal([1 / 3.0, 0, 1 / 3.0, 1 / 3.0], Credit.Normalised(trajectories, null)[0]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Attention_OfTheLastLayer_IsThatOfPlainArithmetic(bool lastOnly)
    {
        var trajectories = Trajectories();
        var decoder = _model.Decoder;

        var found = Credit.Attention(decoder, trajectories, stopToken: 0, lastOnly);

        for (var b = 0; b < trajectories.Length; b++)
        {
            var rollout = trajectories[b].Rollout;
            var read = rollout.Tokens[^1] == 0 ? rollout.Tokens[..^1] : rollout.Tokens;
            var map = Map(decoder, read);
            var first = Math.Min(read.Length, rollout.PromptLength) - 1;
            for (var t = 0; t < rollout.ResponseLength; t++)
            {
                var at = rollout.PromptLength + t;
                var looking = Enumerable.Range(0, read.Length).Where(i => lastOnly ? i == read.Length - 1 : i >= first && i > at).ToArray();
                var expected = at >= read.Length || looking.Length == 0 ? 0 : looking.Average(i => map[i][at]);
                Assert.Equal(expected, found[b][t], 1e-6);
            }
        }

        Assert.Contains(found, row => row.Any(a => a > 0.01));
    }

    /// <summary>Row i says what token i attends to: softmax of scaled products, head by head, in double precision; checked by what attention gives with it.</summary>
    private static double[][] Map(Decoder decoder, int[] tokens)
    {
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        var recorder = new Recorder(decoder);
        decoder.Hidden(new TokenBatch([tokens]), recorder);
        var (length, heads, size, groups) = (tokens.Length, recorder.Heads, recorder.Size, recorder.Groups);
        var map = Enumerable.Range(0, length).Select(_ => new double[length]).ToArray();
        for (var i = 0; i < length; i++)
        {
            for (var h = 0; h < heads; h++)
            {
                var group = h / (heads / groups);
                var scores = Enumerable.Range(0, i + 1).Select(j => Math.Exp(recorder.Scale * Enumerable.Range(0, size)
                    .Sum(d => (double)recorder.Queries[(((i * heads) + h) * size) + d] * recorder.Keys[(((j * groups) + group) * size) + d]))).ToArray();
                var sum = scores.Sum();
                for (var j = 0; j <= i; j++)
                {
                    map[i][j] += scores[j] / sum / heads;
                }

                for (var d = 0; d < size; d++)
                {
                    var value = Enumerable.Range(0, i + 1).Sum(j => scores[j] / sum * recorder.Values[(((j * groups) + group) * size) + d]);
                    Assert.Equal(value, recorder.Result[(((i * heads) + h) * size) + d], 1e-4);
                }
            }
        }

        return map;
    }

    private static double[][] Thirds(IReadOnlyList<Trajectory> trajectories) =>
        [.. trajectories.Select(t => t.Sampled.Length == 4 ? new[] { 0.5, 0, 0.25, 0.25 } : [0.5, 0.5])];

    private static Trajectory[] Trajectories() =>
    [
        new(Episodes.Make(0, [1, 2, 3, 4, 5, 0], prompt: 2, [TokenRole.Sampled, TokenRole.Feedback, TokenRole.Sampled, TokenRole.Sampled]) with { Reward = 2 })
        {
            OldLogProbs = [-1, -2, -3, -1], ReferenceLogProbs = [-1.5f, -2, -2, -1],
        },
        new(Episodes.Make(1, [1, 7, 9], prompt: 1) with { Reward = -0.3 }) { OldLogProbs = [-1, -2], ReferenceLogProbs = [-2, -1] },
    ];

    private sealed class Recorder(Decoder decoder) : IAttention
    {
        public float[] Queries { get; private set; } = [];

        public float[] Keys { get; private set; } = [];

        public float[] Values { get; private set; } = [];

        public float[] Result { get; private set; } = [];

        public int Heads { get; private set; }

        public int Groups { get; private set; }

        public int Size { get; private set; }

        public double Scale { get; private set; }

        public Tensor Attend(AttentionLayer layer, Tensor queries, Tensor keys, Tensor values, TokenBatch batch)
        {
            var result = new FullAttention(decoder.Numerics).Attend(layer, queries, keys, values, batch);
            if (layer.Layer == decoder.Config.Layers - 1)
            {
                (Queries, Keys, Values, Result) = (Flat(queries), Flat(keys), Flat(values), Flat(result));
                (Heads, Groups, Size, Scale) = ((int)queries.shape[1], (int)keys.shape[1], (int)queries.shape[2], layer.Scores.Scale);
            }

            return result;
        }

        private static float[] Flat(Tensor tensor) => tensor.contiguous().data<float>().ToArray();
    }
}
