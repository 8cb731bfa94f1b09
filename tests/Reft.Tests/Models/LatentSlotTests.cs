using System.Text.Json.Nodes;
using Reft.Checkpoints;
using Reft.Generation;
using Reft.Models;
using Reft.Numerics;
using Reft.Tests.Training;
using static TorchSharp.torch;

namespace Reft.Tests.Models;

/// <summary>The latent slot between prompt and response: its formula, its place, and that sampling and training see the same.</summary>
[NoTensorLeak]
[Collection(TensorCounting.Name)]
public sealed class LatentSlotTests
{
    private static readonly PolicySequence[] _sequences =
        [new([1, 5, 2, 8, 3, 0], 2), new([4, 4, 7], 1), new([9, 2, 6, 6, 1, 10, 3], 4)];

    public static TheoryData<string> Families => SmallModels.Families;

    [Fact]
    public void Forward_IsOneHeadOfAttentionOfTheLastToken()
    {
        using var model = TinyModels.Llama(12, width: 8);
        model.Decoder.AddSlot(seed: 9);
        Enlarge(model.Decoder);
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        int[][] prompts = [[3, 1, 7], [5]];
        var batch = new TokenBatch(prompts);
        var hidden = model.Decoder.Hidden(batch);

        var made = model.Decoder.Slot!.Forward(hidden, batch, model.Decoder.Numerics);

        var (states, slots) = (Rows(hidden, 8), Rows(made, 8));
        var weights = model.Decoder.Slot.Parameters.Select(parameter => Rows(parameter.Value, 8)).ToArray();
        Near(Attended([.. states[..3]], weights), slots[0]);
        Near(Attended([.. states[3..]], weights), slots[1]);
    }

    /// <summary>A slot whose embedding is that of a token is that token.</summary>
    [Theory]
    [MemberData(nameof(Families))]
    public void LatentTokens_EmbeddingOfAToken_IsThatToken(string family)
    {
        using var model = SmallModels.Of(family);
        var decoder = model.Decoder;
        if (decoder.Config.EmbeddingWidth != decoder.Config.Width)
        {
            return; // Its embeddings are no residual stream's.
        }

        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        int[] ids = [3, 9, 21, 4];
        var table = decoder.Parameters.Single(p => p.Name == decoder.Names.Embedding + ".weight").Value;
        var batch = new TokenBatch([[3, 9, 0, 4]]);
        batch.Latents = new LatentTokens([2], table.narrow(0, 21, 1) * (float)decoder.Config.EmbeddingScale);

        Assert.Equal(Bits(decoder.Hidden(new TokenBatch([ids]))), Bits(decoder.Hidden(batch)));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Generate_BehindSlotsAndHints_GivesTheLogProbsThatTrainingSees(string family)
    {
        using var model = SmallModels.Of(family);
        model.Decoder.AddSlot(seed: 4);
        var options = new SamplingOptions { Temperature = 1, TopK = 0, TopP = 1, MinP = 0, MaxTokens = 5, StopTokens = [], Seed = 2 };
        GenerationRequest[] requests = [new(1, 0, [4, 9, 2, 8, 7]) { Asked = 3 }, new(2, 0, [6, 1]), new(3, 0, [6, 1, 13, 5]) { Asked = 1 }];

        var drawn = new CompletionGenerator(model.Decoder, slots: 2).Generate(requests, options, step: 1);

        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        var policy = new Policy(model.Decoder);
        using var prepared = policy.Prepare(); // As training and sampling have it: kernels of packed weights.
        foreach (var completion in drawn)
        {
            var asked = completion.Request.Asked ?? completion.Request.Prompt.Length;
            int[] tokens = [.. completion.Request.Prompt, .. completion.Tokens];
            var evaluated = policy.Evaluate([new PolicySequence(tokens, asked)], PolicyQuestions.None).LogProbs.data<float>().ToArray();
            var own = evaluated[^completion.Tokens.Length..];
            Assert.All(own.Zip(completion.LogProbs), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
            if (model.Decoder.IsExact)
            {
                Assert.Equal(own, completion.LogProbs);
            }
        }
    }

    [Fact]
    public void Evaluate_AnyNeighbours_SameBits()
    {
        using var model = TinyModels.Llama(12, width: 16, layers: 2);
        model.Decoder.AddSlot(seed: 3);
        var policy = new Policy(model.Decoder);
        using var frozen = no_grad();
        using var prepared = policy.Prepare();
        using var scope = NewDisposeScope();

        var together = policy.Evaluate(_sequences, PolicyQuestions.None).LogProbs.data<float>().ToArray();

        Assert.Equal(together, _sequences.SelectMany(one => policy.Evaluate([one], PolicyQuestions.None).LogProbs.data<float>().ToArray()));
    }

    /// <summary>As <see cref="ModelGradientTests"/>: along the gradient of each parameter, which must give its norm.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Evaluate_HasItsSlopes(bool slotAlone)
    {
        using var model = TinyModels.Llama(12, width: 16, layers: 2);
        model.Decoder.AddSlot(seed: 3);
        Enlarge(model.Decoder);
        var policy = new Policy(model.Decoder) { TrainsSlotAlone = slotAlone };
        policy.RequireGradients(true);
        PolicySequence[] noised = [.. _sequences.Select((s, b) => s with { Noise = b == 1 ? null : new SlotNoise((ulong)b, 0.5) })];
        using (NewDisposeScope())
        {
            policy.Evaluate(noised, PolicyQuestions.None).LogProbs.sum().backward();
        }

        Assert.Equal(slotAlone ? 3 : model.Decoder.Parameters.Count, policy.Parameters.Count);
        foreach (var parameter in policy.Parameters)
        {
            using var scope = NewDisposeScope();
            var gradient = parameter.Value.grad!.data<float>().ToArray();
            var norm = Math.Sqrt(gradient.Sum(g => (double)g * g));
            Assert.True(norm > 1e-3, $"{parameter.Name} hardly matters here: its gradient is {norm}");
            var (small, large) = (Difference(0.01), Difference(0.02));
            var slope = ((4 * small) - large) / 3;
            Assert.True(Math.Abs(norm - slope) <= 1e-3 + (3e-3 * norm), $"{parameter.Name}: gradient {norm}, slope {slope}");

            double Difference(double step) => (Sum(step) - Sum(-step)) / (2 * step);

            double Sum(double step)
            {
                using var frozen = no_grad();
                using var inner = NewDisposeScope();
                var before = parameter.Value.detach().clone();
                parameter.Value.add_(tensor([.. gradient.Select(g => (float)(step * g / norm))], parameter.Value.shape));
                var outputs = policy.Evaluate(noised, PolicyQuestions.None).LogProbs.data<float>().ToArray();
                parameter.Value.copy_(before);
                return outputs.Sum(p => (double)p);
            }
        }

        foreach (var parameter in model.Decoder.Parameters)
        {
            using var gradient = parameter.Value.grad;
            Assert.Equal(slotAlone && !parameter.Name.StartsWith(LatentSlot.Prefix, StringComparison.Ordinal), gradient is null);
        }
    }

    [Fact]
    public void Save_AndLoad_KeepTheSlot()
    {
        using var folder = new TemporaryFolder();
        using var model = TinyModels.Llama(12, width: 16);
        model.Decoder.AddSlot(seed: 3);
        model.Save(folder["model"]);

        using var loaded = PretrainedModel.Load(folder["model"], ScalarType.Float32, CPU);

        Assert.True((bool)JsonNode.Parse(File.ReadAllText(Path.Combine(folder["model"], "config.json")))!["reft_latent_slot"]!);
        Assert.Equal(63, loaded.Decoder.Config.MaxPositions);
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        Assert.Equal(
            new Policy(model.Decoder).Evaluate(_sequences, PolicyQuestions.None).LogProbs.data<float>().ToArray(),
            new Policy(loaded.Decoder).Evaluate(_sequences, PolicyQuestions.None).LogProbs.data<float>().ToArray());
        Assert.Throws<InputException>(() => RewardModel.Begin(loaded, givesHeader: false, seed: 1));
        Assert.Throws<InputException>(() => Scorer.LogProbs(loaded.Decoder, [1, 2]));
        Assert.Throws<InputException>(() => AttentionMaps.LastRows(loaded.Decoder, [[1, 2]]));
    }

    [Fact]
    public void Generate_UpToTheContext_LeavesTheSlotItsPosition()
    {
        using var model = TinyModels.Llama(12, width: 16);
        model.Decoder.AddSlot(seed: 3);
        var options = new SamplingOptions { Temperature = 1, TopK = 0, TopP = 1, MinP = 0, MaxTokens = 100, StopTokens = [], Seed = 2 };

        var drawn = new CompletionGenerator(model.Decoder, slots: 1).Generate([new(1, 0, [.. Enumerable.Repeat(3, 60)])], options, step: 1);

        Assert.Equal(3, drawn[0].Tokens.Length); // 64 positions: 60, the slot, and 3.
    }

    [Fact]
    public void SlotNoise_IsNormal_AndOfItsKeyAlone()
    {
        var drawn = new SlotNoise(7, 1.5).Draw(20_001).Select(x => (double)x).ToArray();

        Assert.Equal(drawn[..3].Select(x => (float)x), new SlotNoise(7, 1.5).Draw(3));
        Assert.NotEqual(drawn[0], new SlotNoise(8, 1.5).Draw(1)[0]);
        Assert.InRange(drawn.Average(), -0.045, 0.045); // 4 × 1.5/√20001
        Assert.InRange(drawn.Average(x => x * x), 2.25 - 0.09, 2.25 + 0.09); // 4 × 2.25 √(2/20001)
        Assert.InRange(drawn.Count(x => Math.Abs(x) < 1.5) / 20_001.0, 0.6827 - 0.0132, 0.6827 + 0.0132);
    }

    private static double[] Attended(double[][] states, double[][][] weights)
    {
        var width = states[0].Length;
        var keys = states.Select((state, t) => Turned(Product(weights[1], state), t)).ToArray();
        var query = Turned(Product(weights[0], states[^1]), states.Length - 1);
        var raw = keys.Select(key => Math.Exp(key.Zip(query, (a, b) => a * b).Sum() / Math.Sqrt(width))).ToArray();
        var values = states.Select(state => Product(weights[2], state)).ToArray();
        return [.. Enumerable.Range(0, width).Select(c => values.Select((value, t) => value[c] * raw[t] / raw.Sum()).Sum())];
    }

    /// <summary>Rotary positions: pair i of the two halves turns by t / 10000^(2i / D).</summary>
    private static double[] Turned(double[] head, int position)
    {
        var (half, turned) = (head.Length / 2, new double[head.Length]);
        for (var i = 0; i < half; i++)
        {
            var angle = position / Math.Pow(10000, 2.0 * i / head.Length);
            turned[i] = (head[i] * Math.Cos(angle)) - (head[half + i] * Math.Sin(angle));
            turned[half + i] = (head[half + i] * Math.Cos(angle)) + (head[i] * Math.Sin(angle));
        }

        return turned;
    }

    private static double[] Product(double[][] matrix, double[] x) => [.. matrix.Select(row => row.Zip(x, (a, b) => a * b).Sum())];

    private static double[][] Rows(Tensor matrix, int width) =>
        [.. matrix.detach().data<float>().ToArray().Chunk(width).Select(row => row.Select(x => (double)x).ToArray())];

    private static float[] Bits(Tensor tensor) => tensor.data<float>().ToArray();

    private static void Near(double[] expected, double[] actual) =>
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-5));

    /// <summary>Weights of 0.02 leave slopes too small to be told from rounding.</summary>
    private static void Enlarge(Decoder decoder)
    {
        using var frozen = no_grad();
        foreach (var parameter in decoder.Parameters.Where(p => p.Value.dim() == 2))
        {
            parameter.Value.mul_(10f);
            parameter.MarkChanged();
        }
    }
}
