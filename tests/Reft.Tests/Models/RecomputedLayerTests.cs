using Reft.Checkpoints;
using Reft.Models;
using Reft.Models.Families;
using Reft.Training;
using static TorchSharp.torch;

namespace Reft.Tests.Models;

[NoTensorLeak]
[Collection(TensorCounting.Name)]
public sealed class RecomputedLayerTests
{
    private static readonly ForwardMode Recompute = new() { RecomputesLayers = true };

    public static TheoryData<string, ScalarType, bool> Cases
    {
        get
        {
            var cases = new TheoryData<string, ScalarType, bool>();
            foreach (var family in ModelFamilies.All.Select(family => family.ModelType))
            {
                cases.Add(family, ScalarType.Float32, true);
                cases.Add(family, ScalarType.Float32, false);
                cases.Add(family, ScalarType.BFloat16, true);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Gradients_Recomputed_AreTheSameBits(string family, ScalarType dtype, bool packed)
    {
        using var scope = NewDisposeScope();
        var kept = Gradients(family, dtype, packed, ForwardMode.Plain, lora: false);
        var recomputed = Gradients(family, dtype, packed, Recompute, lora: false);

        Assert.Equal(kept.Keys, recomputed.Keys);
        Assert.All(kept, pair => Assert.True(Same(pair.Value, recomputed[pair.Key]), pair.Key));
        Assert.All(kept, pair => Assert.True(pair.Value.count_nonzero().item<long>() > 0, pair.Key));
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("gpt2")]
    public void Gradients_OfAdaptersOnAFrozenBase_AreTheSameBits(string family)
    {
        using var scope = NewDisposeScope();
        var kept = Gradients(family, ScalarType.Float32, packed: true, ForwardMode.Plain, lora: true);
        var recomputed = Gradients(family, ScalarType.Float32, packed: true, Recompute, lora: true);

        // The first layer's input needs no gradient, but its adapters do.
        Assert.Contains(kept.Keys, name => name.Contains("0.", StringComparison.Ordinal) && name.EndsWith("lora_B.weight", StringComparison.Ordinal));
        Assert.Equal(kept.Keys, recomputed.Keys);
        Assert.All(kept, pair => Assert.True(Same(pair.Value, recomputed[pair.Key]), pair.Key));
    }

    [Fact]
    public void Memory_Recomputed_HoldsTheLayersInputsAndLittleMore()
    {
        Assert.SkipUnless(MemoryUse.Read().NativeBytes is not null, "the C library does not say what it has given out");
        const int Layers = 6, Width = 128, Tokens = 2048;
        using var model = Make("llama", $$"""
            "hidden_size": {{Width}}, "num_hidden_layers": {{Layers}}, "num_attention_heads": 2, "intermediate_size": 512,
            "max_position_embeddings": 256
            """, ScalarType.Float32);
        using var prepared = model.Decoder.Prepare();
        model.Decoder.RequireGradients(true);
        HeldByAGraph(model.Decoder, Recompute);

        var kept = HeldByAGraph(model.Decoder, ForwardMode.Plain);
        var recomputed = HeldByAGraph(model.Decoder, Recompute);

        const long Inputs = (long)Layers * Width * Tokens * sizeof(float);
        // Each layer keeps at least queries, keys, values, two sums and three feed-forward parts beside its input.
        Assert.InRange(kept, 4 * Inputs, long.MaxValue);
        // The inputs, the result, its norm and what the graph itself takes.
        Assert.InRange(recomputed, Inputs, 2 * Inputs);
    }

    private static bool Same(Tensor a, Tensor b) => a.eq(b).all().item<bool>();

    private static long HeldByAGraph(Decoder decoder, ForwardMode mode)
    {
        var batch = new TokenBatch([.. Enumerable.Range(0, 8).Select(_ => Enumerable.Range(0, 256).Select(t => t % 12).ToArray())]);
        // What waits for the collector must not be freed while this counts.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var before = MemoryUse.Read().NativeBytes!.Value;
        using var hidden = decoder.Hidden(batch, mode);
        return MemoryUse.Read().NativeBytes!.Value - before;
    }

    private static SortedDictionary<string, Tensor> Gradients(string family, ScalarType dtype, bool packed, ForwardMode mode, bool lora)
    {
        using var model = SmallModels.Of(family, dtype, deviation: 0.2);
        using var policy = new Policy(model.Decoder);
        if (lora)
        {
            model.Decoder.AddAdapters(new LoraOptions { Rank = 2, Alpha = 4 }, seed: 1);
            foreach (var parameter in model.Decoder.AdapterParameters)
            {
                parameter.Set(parameter.Value + 0.01);
            }
        }

        policy.RequireGradients(true);
        using var prepared = packed ? policy.Prepare() : null;
        using var scope = NewDisposeScope();
        PolicySequence[] sequences = [new([1, 2, 3, 4, 5], 2), new([5, 6, 7], 1), new([.. Enumerable.Range(0, 40).Select(t => t % 12)], 3)];

        policy.Evaluate(sequences, PolicyQuestions.None, mode).LogProbs.sum().backward();

        var gradients = new SortedDictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var parameter in policy.Parameters)
        {
            gradients.Add(parameter.Name, parameter.Value.grad!.MoveToOuterDisposeScope()); // All of them are trained.
            parameter.Value.grad = null;
        }

        return gradients;
    }

    private static PretrainedModel Make(string family, string shape, ScalarType dtype) => PretrainedModel.Initialize(
        $$"""{ "model_type": "{{family}}", "vocab_size": 12, "initializer_range": 0.2, "eos_token_id": 0, {{shape}} }""", dtype, CPU, seed: 1);
}
