using Reft.Checkpoints;
using Reft.Models;
using static TorchSharp.torch;

namespace Reft.Tests.Models;

/// <summary>Families without golden files against <see cref="PlainModel"/>.</summary>
[NoTensorLeak]
[Collection(TensorCounting.Name)]
public sealed class PlainModelTests
{
    private static readonly int[] _ids = SmallModels.Ids(1, 21);

    public static TheoryData<string> Families =>
        ["olmo3", "gemma3_text", "smollm3", "granite", "phi3", "starcoder2", "qwen2_moe", "qwen3_moe", "stablelm", "phi", "falcon"];

    [Theory]
    [MemberData(nameof(Families))]
    public void Logits_EqualThePlainOnes(string family)
    {
        using var model = Make(family);
        using var scope = NewDisposeScope();
        var plain = Plain(family, model.Decoder).Logits(_ids);

        var worst = PlainSlopes.Apart(model.Decoder, _ids, plain);

        Assert.InRange(worst, 0, 1e-4 * Math.Max(1, plain.Max(row => row.Max()))); // A float32 has 24 bits, and two layers round.
        Assert.InRange(plain.Max(row => row.Max()), 0.2, 200); // Far enough from 0 to be told from nothing.
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Gradients_AreThePlainSlopes(string family)
    {
        using var model = Make(family);
        using var scope = NewDisposeScope();
        var plain = Plain(family, model.Decoder);

        PlainSlopes.AreTheGradients(
            model.Decoder, _ids, plain.Weights, () => plain.LogLikelihood(_ids), allTrained: false, 5e-3,
            gradient => [Array.IndexOf(gradient, gradient.Max())]);
    }

    /// <summary>What a family does otherwise than Llama matters: without it the logits are others.</summary>
    [Theory]
    [InlineData("olmo3")]
    [InlineData("gemma3_text")]
    [InlineData("smollm3")]
    [InlineData("granite")]
    [InlineData("phi3")]
    [InlineData("starcoder2")]
    [InlineData("stablelm")]
    public void Quirks_EveryOne_ChangeTheLogits(string family)
    {
        using var model = Make(family);
        using var scope = NewDisposeScope();
        var plain = Plain(family, model.Decoder);
        var expected = plain.Logits(_ids)[^1];
        (double[], double)? Simple(int layer) => (Angles(plain.HeadSize, 10_000), 1.0);

        PlainModel[] others = family switch
        {
            "olmo3" => [plain with { Window = _ => null }, plain with { Turning = Simple }, plain with { Turning = _ => plain.Turning(1) }],
            "gemma3_text" => [plain with { Window = _ => null }, plain with { Turning = Simple }, plain with { Turning = _ => plain.Turning(1) }, plain with { QueryNorm = 0 }],
            "smollm3" => [plain with { Turning = Simple }],
            "granite" => [plain with { EmbeddingFactor = 1 }, plain with { ResidualFactor = 1 }, plain with { LogitDivisor = 1 }, plain with { Scale = 0.25 }],
            "phi3" or "stablelm" => [plain with { Turning = Simple }],
            _ => [plain with { Window = _ => null }],
        };

        Assert.All(others, other => Assert.InRange(other.Logits(_ids)[^1].Zip(expected, (a, b) => Math.Abs(a - b)).Max(), 1e-3, double.MaxValue));
    }

    private static PretrainedModel Make(string family) => SmallModels.Of(family, deviation: 0.15);

    private static double[] Angles(int dimensions, double theta) =>
        [.. Enumerable.Range(0, dimensions / 2).Select(c => Math.Pow(theta, -2.0 * c / dimensions))];

    /// <summary>
    /// Eight pairs of YaRN by factor 4 from 64 tokens on: the pair that turns n times in 64 tokens is 16 ln(64 / 2πn) / (2 ln 10000), so that
    /// the ramp begins at ⌊pair(32)⌋, below 0, and ends at ⌈pair(1)⌉ = ⌈2.016⌉ = 3.
    /// </summary>
    private static (double[] Angles, double Factor) Yarn()
    {
        double[] kept = [1, 2 / 3.0, 1 / 3.0, 0, 0, 0, 0, 0];
        return ([.. Angles(16, 10_000).Zip(kept, (angle, share) => (angle * share) + (angle / 4 * (1 - share)))], 1 + (0.1 * Math.Log(4)));
    }

    /// <summary>The shapes of <see cref="Reft.Models.Families.ModelFamily.Small"/>, written out again.</summary>
    private static PlainModel Plain(string family, Decoder decoder)
    {
        var llama = new PlainModel(PlainDecoder.WeightsOf(decoder))
        {
            Epsilon = 1e-5,
            Activation = x => x / (1 + Math.Exp(-x)),
            Turning = _ => (Angles(16, 10_000), 1),
        };
        double[] stretched = [1.0, 1.1, 1.3, 1.6, 2.0, 2.5];
        return family switch
        {
            "olmo3" => llama with
            {
                Norms = ["", "post_attention_layernorm", "", "post_feedforward_layernorm"],
                QueryNorm = 2,
                Window = layer => layer == 0 ? 16 : null,
                Turning = layer => layer == 0 ? (Angles(16, 10_000), 1) : Yarn(),
            },
            "gemma3_text" => llama with
            {
                HeadSize = 32,
                Epsilon = 1e-6,
                IsAroundOne = true,
                IsTied = true,
                Norms = ["input_layernorm", "post_attention_layernorm", "pre_feedforward_layernorm", "post_feedforward_layernorm"],
                QueryNorm = 1,
                Window = layer => layer == 0 ? 16 : null,
                Turning = layer => layer == 0 ? (Angles(32, 10_000), 1) : ([.. Angles(32, 1_000_000).Select(angle => angle / 8)], 1),
                Scale = 1 / Math.Sqrt(24),
                EmbeddingFactor = 8,
                Activation = GeluTanh,
            },
            "smollm3" => llama with { Turning = layer => layer == 1 ? null : (Angles(16, 10_000), 1) },
            "granite" => llama with { EmbeddingFactor = 12, Scale = 0.125, ResidualFactor = 0.22, LogitDivisor = 8 },
            "phi3" => llama with
            {
                Fused = "qkv_proj",
                IsFusedGate = true,
                FeedNames = ["gate_up_proj", "down_proj"],
                // 12 of 16 dimensions; the context is 256 / 64 = 4 times the original one.
                Turning = _ => ([.. Angles(12, 10_000).Zip(stretched, (angle, by) => angle / by)], Math.Sqrt(1 + (Math.Log(4) / Math.Log(64)))),
            },
            "qwen2_moe" => llama with { Epsilon = 1e-5, Experts = layer => layer == 0 ? 2 : 0 },
            "qwen3_moe" => llama with
            {
                HeadSize = 32,
                QueryNorm = 1,
                Scale = 1 / Math.Sqrt(32),
                Experts = _ => 2,
                SumsToOne = true,
                Turning = _ => (Angles(32, 10_000), 1),
            },
            "starcoder2" => llama with
            {
                IsLayerNorm = true,
                IsTied = true,
                FeedNames = ["c_fc", "c_proj"],
                Activation = GeluTanh,
                Window = _ => 16,
            },
            "stablelm" => llama with { IsLayerNorm = true, Turning = _ => (Angles(8, 10_000), 1) },
            "phi" => llama with
            {
                KeyValueHeads = 4,
                IsLayerNorm = true,
                FinalNorm = "final_layernorm",
                Output = "dense",
                FeedNames = ["fc1", "fc2"],
                Parallel = 1,
                Activation = GeluTanh,
                Turning = _ => (Angles(8, 10_000), 1),
            },
            _ => llama with
            {
                FeedForward = 256,
                IsLayerNorm = true,
                IsTied = true,
                Base = "transformer.",
                Embedding = "word_embeddings",
                Layer = "h",
                FinalNorm = "ln_f",
                Norms = ["ln_attn", "", "ln_mlp", ""],
                Attention = "self_attention",
                Fused = "query_key_value",
                IsGrouped = true,
                Output = "dense",
                FeedNames = ["dense_h_to_4h", "dense_4h_to_h"],
                Parallel = 2,
                Activation = Gelu,
            },
        };
    }

    private static double GeluTanh(double x) => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x))));

    /// <summary>x Φ(x), with Φ by Simpson's rule.</summary>
    private static double Gelu(double x)
    {
        const int Steps = 400;
        var step = x / Steps;
        var sum = Enumerable.Range(0, Steps + 1).Sum(i => (i is 0 or Steps ? 1 : i % 2 == 1 ? 4 : 2) * Math.Exp(-0.5 * i * step * i * step));
        return x * (0.5 + (sum * step / 3 / Math.Sqrt(2 * Math.PI)));
    }
}
