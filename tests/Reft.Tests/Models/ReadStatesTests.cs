using Reft.Checkpoints;
using Reft.Models;
using Reft.Models.Families;
using static TorchSharp.torch;

namespace Reft.Tests.Models;

/// <summary>States of some tokens alone against those of all.</summary>
[NoTensorLeak]
[Collection(TensorCounting.Name)]
public sealed class ReadStatesTests
{
    // Three sequences of 5, 2 and 40 tokens, end to end.
    private static readonly long[] Read = [1, 2, 3, 5, 9, 30, 45, 46];

    private static readonly ForwardMode Recompute = new() { RecomputesLayers = true };

    public static TheoryData<string> Families => [.. ModelFamilies.All.Select(family => family.ModelType)];

    [Theory]
    [MemberData(nameof(Families))]
    public void Hidden_OfSomeTokens_HasTheBitsOfAll(string family)
    {
        using var model = Make(family);
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var prepared = model.Decoder.Prepare();

        var some = model.Decoder.Hidden(Batch(), ForwardMode.Plain, Read);

        Assert.True(Same(some, model.Decoder.Hidden(Batch()).index_select(0, tensor(Read))));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Hidden_OfSomeTokensIntoACache_LeavesAllKeysAndValues(string family)
    {
        using var model = Make(family);
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var prepared = model.Decoder.Prepare();
        using var all = KeyValueCache.Create(model.Decoder, 3, 41);
        using var some = KeyValueCache.Create(model.Decoder, 3, 41);
        foreach (var cache in new[] { all, some })
        {
            cache.Use([0, 1, 2]);
        }

        var last = Batch().LastIndices();
        var expected = model.Decoder.Hidden(Batch(), all).index_select(0, tensor(last));
        var next = new TokenBatch([[3], [4], [5]], [5, 2, 40]);

        Assert.True(Same(model.Decoder.Hidden(Batch(), some, last), expected));
        Assert.True(Same(model.Decoder.Hidden(next, some), model.Decoder.Hidden(next, all)));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Gradients_OfSomeTokens_AreThoseOfAll(string family)
    {
        using var model = Make(family);
        using var scope = NewDisposeScope();
        var weights = rand([Read.Length, 64], generator: new Generator(1));

        var some = Gradients(model.Decoder, d => d.Hidden(Batch(), ForwardMode.Plain, Read), weights);
        var all = Gradients(model.Decoder, d => d.Hidden(Batch()).index_select(0, tensor(Read)), weights);
        var recomputed = Gradients(model.Decoder, d => d.Hidden(Batch(), Recompute, Read), weights);

        Assert.Equal(all.Keys, some.Keys);
        // OPT's key biases have no gradient but rounding's: hence the absolute part.
        Assert.All(all, pair => Assert.InRange(
            (some[pair.Key] - pair.Value).norm().item<float>(), 0, 1e-6 + (1e-5 * pair.Value.norm().item<float>())));
        Assert.All(some, pair => Assert.True(Same(recomputed[pair.Key], pair.Value), pair.Key));
    }

    [Fact]
    public void Hidden_WithDropout_DropsWhatItDropsForAll()
    {
        using var model = Make("gpt2");
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var drops = new ForwardMode { DropoutKey = 5 };

        var some = model.Decoder.Hidden(Batch(), drops, Read);

        Assert.True(Same(some, model.Decoder.Hidden(Batch(), drops).index_select(0, tensor(Read))));
        Assert.False(Same(some, model.Decoder.Hidden(Batch(), ForwardMode.Plain, Read)));
    }

    private static bool Same(Tensor a, Tensor b) => a.eq(b).all().item<bool>();

    private static TokenBatch Batch() => new(
        [[1, 2, 3, 4, 5], [6, 7], [.. Enumerable.Range(0, 40).Select(t => t % 12)]])
    { Keys = [1, 2, 3] };

    private static SortedDictionary<string, Tensor> Gradients(Decoder decoder, Func<Decoder, Tensor> states, Tensor weights)
    {
        decoder.RequireGradients(true);
        using var prepared = decoder.Prepare();
        using var scope = NewDisposeScope();
        (states(decoder) * weights).sum().backward();
        var gradients = new SortedDictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var parameter in decoder.Parameters.Where(p => p.Value.grad is not null))
        {
            gradients.Add(parameter.Name, parameter.Value.grad!.MoveToOuterDisposeScope()); // Those without are filtered out.
            parameter.Value.grad = null;
        }

        return gradients;
    }

    /// <summary>Small models as their families have them, and one of OPT whose norms come behind.</summary>
    private static PretrainedModel Make(string family) => family != "opt" ? SmallModels.Of(family) : PretrainedModel.Initialize(
        """
        {
          "model_type": "opt", "vocab_size": 32, "init_std": 0.2, "eos_token_id": 0, "ffn_dim": 64, "do_layer_norm_before": false,
          "word_embed_proj_dim": 16, "hidden_size": 64, "num_hidden_layers": 3, "num_attention_heads": 4, "max_position_embeddings": 64
        }
        """, ScalarType.Float32, CPU, seed: 1);
}
