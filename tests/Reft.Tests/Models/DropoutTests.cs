using Reft.Checkpoints;
using Reft.Models;
using static TorchSharp.torch;

namespace Reft.Tests.Models;

[NoTensorLeak]
[Collection(TensorCounting.Name)]
public sealed class DropoutTests
{
    private static readonly ForwardMode Drops = new() { DropoutKey = 5 };

    private static readonly PolicySequence[] Sequences =
    [
        new([1, 2, 3, 4, 5], 2) { Key = 1 }, new([5, 6, 7], 1) { Key = 2 }, new([.. Enumerable.Range(0, 40).Select(t => t % 12)], 3) { Key = 3 },
    ];

    [Theory]
    [InlineData("gpt2", "\"attn_pdrop\": 0, \"resid_pdrop\": 0", 0.1, 0, 0)]
    [InlineData("gpt2", "\"n_head\": 4", 0.1, 0.1, 0.1)]
    [InlineData("codegen", "\"resid_pdrop\": 0.3", 0, 0.3, 0)]
    [InlineData("gpt_neox", "\"hidden_dropout\": 0.2, \"attention_dropout\": 0.4", 0.2, 0.2, 0.4)]
    [InlineData("opt", "\"attention_dropout\": 0.4", 0, 0.1, 0.4)]
    [InlineData("llama", "\"attention_dropout\": 0.4", 0, 0, 0.4)]
    [InlineData("qwen3", "\"attention_dropout\": 0.4", 0, 0, 0.4)]
    [InlineData("mistral", "\"head_dim\": 8", 0, 0, 0)]
    public void Config_RatesOfTheFamily_AreRead(string family, string keys, double embedding, double residual, double attention)
    {
        using var model = Make(family, keys);

        Assert.Equal(new DropoutRates(embedding, residual, attention), model.Decoder.Config.Dropout);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("-0.1")]
    public void Config_RateOutsideItsRange_IsNamed(string rate)
    {
        var error = Assert.Throws<InputException>(() => Make("llama", $"\"attention_dropout\": {rate}"));

        Assert.Contains("attention_dropout", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluate_LayersToDrop_IsRefusedByName()
    {
        using var model = Make("opt", "\"layerdrop\": 0.1");
        using var frozen = no_grad();
        using var scope = NewDisposeScope();

        LogProbs(model.Decoder, Sequences, ForwardMode.Plain);
        var error = Assert.Throws<InputException>(() => LogProbs(model.Decoder, Sequences, Drops));

        Assert.Contains("layerdrop", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gpt2", "\"resid_pdrop\": 0, \"attn_pdrop\": 0", ScalarType.Float32)]
    [InlineData("gpt2", "\"embd_pdrop\": 0, \"attn_pdrop\": 0", ScalarType.Float32)]
    [InlineData("gpt2", "\"embd_pdrop\": 0, \"resid_pdrop\": 0", ScalarType.Float32)]
    [InlineData("gpt_neox", "\"hidden_dropout\": 0.2, \"attention_dropout\": 0.4", ScalarType.BFloat16)]
    [InlineData("opt", "\"attention_dropout\": 0.2", ScalarType.Float32)]
    [InlineData("llama", "\"attention_dropout\": 0.2", ScalarType.BFloat16)]
    public void Evaluate_SameKey_SameBitsInAnyBatch(string family, string keys, ScalarType dtype)
    {
        using var model = Make(family, keys, dtype);
        using var scope = NewDisposeScope();
        using var prepared = model.Decoder.Prepare();
        var plain = LogProbs(model.Decoder, Sequences, ForwardMode.Plain);

        var together = LogProbs(model.Decoder, Sequences, Drops);
        var again = LogProbs(model.Decoder, Sequences, Drops);
        var recomputed = LogProbs(model.Decoder, Sequences, Drops with { RecomputesLayers = true });
        var apart = Sequences.Reverse().Select(s => LogProbs(model.Decoder, [s], Drops)).Reverse().SelectMany(p => p).ToArray();
        var other = LogProbs(model.Decoder, Sequences, Drops with { DropoutKey = 6 });
        var otherSequence = LogProbs(model.Decoder, [Sequences[2] with { Key = 4 }], Drops);

        Assert.Equal(together, again);
        Assert.Equal(together, recomputed);
        Assert.Equal(together, apart);
        Assert.NotEqual(together, plain);
        Assert.NotEqual(together, other);
        Assert.NotEqual(together[^otherSequence.Length..], otherSequence);
        Assert.Equal(plain, LogProbs(model.Decoder, Sequences, ForwardMode.Plain));
    }

    [Fact]
    public void Evaluate_RatesOfZero_IsThePlainPass()
    {
        using var model = Make("llama", "\"attention_dropout\": 0");
        using var scope = NewDisposeScope();

        Assert.Equal(LogProbs(model.Decoder, Sequences, ForwardMode.Plain), LogProbs(model.Decoder, Sequences, Drops));
    }

    [Fact]
    public void Embedding_ManyKeys_AverageToTheEmbedding()
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var batch = new TokenBatch([[1, 2], [3]]) { Keys = [7, 8] };
        var x = ones(3, 64);
        const int Draws = 2000;

        var sum = zeros(3, 64);
        for (var key = 0UL; key < Draws; key++)
        {
            using var inner = NewDisposeScope();
            sum.add_(new Dropout(new DropoutRates(0.25, 0, 0), key, batch).Embedding(x));
        }

        // Each element's mean has the standard deviation √(p/(1-p)/n); of 192 none is five of them away.
        Assert.InRange((sum / Draws - 1).abs().max().item<float>(), 0, 5 * Math.Sqrt(0.25 / 0.75 / Draws));
    }

    [Theory]
    [InlineData("gpt2", "\"embd_pdrop\": 0.2, \"resid_pdrop\": 0.3, \"attn_pdrop\": 0.3")]
    public void Gradients_WithDropout_AreFiniteDifferencesOfTheSameDraws(string family, string keys)
    {
        using var model = Make(family, keys);
        using var scope = NewDisposeScope();
        model.Decoder.RequireGradients(true);
        using var policy = new Policy(model.Decoder);
        policy.Evaluate(Sequences, PolicyQuestions.None, Drops).LogProbs.sum().backward();

        foreach (var parameter in model.Decoder.Parameters)
        {
            using var frozen = no_grad();
            // Along the gradient, so that the slope is its square norm.
            var gradient = parameter.Value.grad!;
            var square = gradient.square().sum().item<float>();
            var step = 2e-3f / MathF.Sqrt(square);
            parameter.Set(parameter.Value + (gradient * step));
            var above = LogProbs(model.Decoder, Sequences, Drops).Sum(p => (double)p);
            parameter.Set(parameter.Value - (gradient * (2 * step)));
            var below = LogProbs(model.Decoder, Sequences, Drops).Sum(p => (double)p);
            parameter.Set(parameter.Value + (gradient * step));

            // float32 sums near 100 hold 1e-5; the difference is near 4e-3 · norm.
            Assert.InRange((above - below) / (2 * step * square), 0.97, 1.03);
        }
    }

    private static float[] LogProbs(Decoder decoder, PolicySequence[] sequences, ForwardMode mode)
    {
        using var scope = NewDisposeScope();
        return new Policy(decoder).Evaluate(sequences, PolicyQuestions.None, mode).LogProbs.data<float>().ToArray();
    }

    private static PretrainedModel Make(string family, string keys, ScalarType dtype = ScalarType.Float32)
    {
        var shape = family is "gpt2" or "codegen"
            ? "\"n_embd\": 32, \"n_layer\": 2, \"n_head\": 4, \"n_positions\": 64, \"rotary_dim\": 8"
            : """
              "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "ffn_dim": 64,
              "intermediate_size": 64, "max_position_embeddings": 64
              """;
        return PretrainedModel.Initialize(
            $$"""{ "model_type": "{{family}}", "vocab_size": 12, "initializer_range": 0.2, "init_std": 0.2, "eos_token_id": 0, {{keys}}, {{shape.Replace("\"n_head\": 4", keys.Contains("n_head", StringComparison.Ordinal) ? "\"n_inner\": 64" : "\"n_head\": 4", StringComparison.Ordinal)}} }""",
            dtype, CPU, seed: 1);
    }
}
