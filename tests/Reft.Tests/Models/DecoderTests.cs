using Reft.Checkpoints;
using Reft.Models;
using static TorchSharp.torch;

namespace Reft.Tests.Models;

[NoTensorLeak]
[Collection(TensorCounting.Name)]
public sealed class DecoderTests
{
    private const string Config = """
        {"model_type":"llama","vocab_size":32,"hidden_size":16,"num_hidden_layers":1,"num_attention_heads":2,
         "intermediate_size":24,"max_position_embeddings":8}
        """;

    [Theory]
    [InlineData(-1)]
    [InlineData(32)]
    [InlineData(int.MaxValue)]
    public void Hidden_TokenOutsideTheVocabulary_IsNamed(int token)
    {
        using var model = PretrainedModel.Initialize(Config, ScalarType.Float32, CPU, seed: 1);
        using var frozen = no_grad();

        var error = Assert.Throws<InputException>(() => model.Decoder.Hidden(new TokenBatch([[1, token]])));

        Assert.Contains($"token {token} is outside the model's vocabulary of 32", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Hidden_PastTheContext_IsRefused()
    {
        using var model = PretrainedModel.Initialize(Config, ScalarType.Float32, CPU, seed: 1);
        using var frozen = no_grad();

        model.Decoder.Hidden(new TokenBatch([new int[8]])).Dispose();
        Assert.Throws<InputException>(() => model.Decoder.Hidden(new TokenBatch([new int[9]])));
        Assert.Throws<InputException>(() => model.Decoder.Hidden(new TokenBatch([new int[3]], [6])));
    }

    [Fact]
    public void TokenBatch_WrongArguments_Throw()
    {
        Assert.Throws<ArgumentException>(() => new TokenBatch([]));
        Assert.Throws<ArgumentException>(() => new TokenBatch([[1], []]));
        Assert.Throws<ArgumentException>(() => new TokenBatch([[1], [2]], [0]));
        Assert.Throws<ArgumentException>(() => new TokenBatch([[1]], [-1]));
        Assert.Throws<ArgumentException>(() => TokenBatch.FromPadded([[1, 2]], [[true]]));
        Assert.Throws<ArgumentException>(() => TokenBatch.FromPadded([[1, 2]], [[false, false]]));
        Assert.Throws<ArgumentException>(() => TokenBatch.FromPadded([[1, 2, 3]], [[true, false, true]]));
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void Products_Fastest_AreNearTheExactOnes(ScalarType dtype)
    {
        using var model = PretrainedModel.Initialize(Config, dtype, CPU, seed: 1);
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var prepared = model.Decoder.Prepare();
        // Rows enough for libtorch's products, where the processor has them.
        var batch = new TokenBatch([.. Enumerable.Range(0, 70).Select(i => Enumerable.Range(0, 8).Select(t => (i + (3 * t)) % 32).ToArray())]);
        Assert.Equal(ProductChoice.Exact, model.Decoder.Products);
        var exact = model.Decoder.Logits(model.Decoder.Hidden(batch));

        model.Decoder.Products = ProductChoice.Fastest;
        var fastest = model.Decoder.Logits(model.Decoder.Hidden(batch));

        // float32 never changes. bfloat16 rounds hidden states to 3 digits; the logits of this model are below 0.1.
        Assert.Equal(ProductChoice.Fastest, model.Decoder.Products);
        Assert.InRange((exact - fastest).abs().max().item<float>(), 0, dtype == ScalarType.Float32 ? 0 : 2e-3);
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void Prepare_WeightsPacked_GivesTheSameLogits(ScalarType dtype)
    {
        using var model = PretrainedModel.Initialize(Config, dtype, CPU, seed: 1);
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var batch = new TokenBatch([[1, 2, 3], [4]]);
        var plain = model.Decoder.Logits(model.Decoder.Hidden(batch));

        using var prepared = model.Decoder.Prepare();
        var packed = model.Decoder.Logits(model.Decoder.Hidden(batch));

        // bfloat16 rounds hidden states to 3 digits; the logits of this model are below 0.1.
        Assert.InRange((plain - packed).abs().max().item<float>(), 0, dtype == ScalarType.Float32 ? 1e-6 : 2e-3);
        Assert.Equal(ScalarType.Float32, packed.dtype);
    }
}
