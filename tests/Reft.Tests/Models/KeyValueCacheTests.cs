using Reft.Checkpoints;
using Reft.Models;
using Reft.Models.Families;
using Reft.Numerics;
using static TorchSharp.torch;

namespace Reft.Tests.Models;

/// <summary>Both caches against the full forward pass: prefill in pieces, then decoding in mixed batches.</summary>
[NoTensorLeak]
[Collection(TensorCounting.Name)]
public sealed class KeyValueCacheTests
{
    public static TheoryData<string, bool> Families
    {
        get
        {
            var cases = new TheoryData<string, bool>();
            foreach (var family in ModelFamilies.All)
            {
                cases.Add(family.ModelType, false);
                if (family.ModelType != "gemma2")
                {
                    cases.Add(family.ModelType, true); // The kernels do not cap scores.
                }
            }

            return cases;
        }
    }

    private readonly int[] _done = new int[3];

    [Theory]
    [MemberData(nameof(Families))]
    public void Attend_PrefillInPiecesAndDecode_EqualsTheFullForward(string family, bool kernels)
    {
        using var model = SmallModels.Of(family);
        var decoder = model.Decoder;
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var prepared = decoder.Prepare();
        // The kernels keep every sum in one order: a sequence in pieces has the bits of the sequence at once.
        var tolerance = kernels ? 0 : 1e-4;
        int[][] sequences = [SmallModels.Ids(1, 41), SmallModels.Ids(2, 7), SmallModels.Ids(3, 23)];
        var full = sequences.Select(s => decoder.Hidden(new TokenBatch([s]))).ToArray();
        using KeyValueCache cache = kernels ? new KernelCache(decoder, 5, 41) : new TensorCache(decoder, 5, 41);

        // Slots out of order; pieces of unlike lengths; some sequences rest while others go on.
        Step([0, 1, 2], [9, 3, 1]);
        Step([2, 0], [10, 24]);
        Step([1], [1]);
        Step([0, 1, 2], [1, 1, 1]);
        Step([2, 1], [1, 1]);
        Step([0], [7]);

        void Step(int[] which, int[] counts)
        {
            int[] slots = [4, 0, 2];
            cache.Use([.. which.Select(s => slots[s])]);
            var starts = which.Select(s => _done[s]).ToArray();
            var hidden = decoder.Hidden(
                new TokenBatch([.. which.Select((s, i) => sequences[s][starts[i]..(starts[i] + counts[i])])], starts), cache);
            var n = 0L;
            for (var i = 0; i < which.Length; i++)
            {
                var expected = full[which[i]].narrow(0, starts[i], counts[i]);
                Assert.InRange((hidden.narrow(0, n, counts[i]) - expected).abs().max().item<float>(), 0, tolerance);
                n += counts[i];
                _done[which[i]] += counts[i];
            }
        }
    }

    [Fact]
    public void Attend_PastTheCache_Throws()
    {
        using var model = SmallModels.Of("llama");
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        foreach (KeyValueCache cache in
            new KeyValueCache[] { new KernelCache(model.Decoder, 2, 4), new TensorCache(model.Decoder, 2, 4) })
        {
            using var owned = cache;
            cache.Use([1]);

            Assert.Throws<InvalidOperationException>(() => model.Decoder.Hidden(new TokenBatch([SmallModels.Ids(1, 3)], [2]), cache));
            Assert.Throws<InvalidOperationException>(() => model.Decoder.Hidden(new TokenBatch([[1], [2]]), cache));
        }
    }

    [Fact]
    public void Hidden_SlidingWindow_EqualsABruteForceMask()
    {
        // One layer, one head, all weights in sight: attention by the definition, in double precision.
        using var model = PretrainedModel.Initialize(
            """
            {"model_type":"mistral","vocab_size":32,"hidden_size":8,"num_hidden_layers":1,"num_attention_heads":1,
             "num_key_value_heads":1,"intermediate_size":8,"max_position_embeddings":64,"sliding_window":3,
             "initializer_range":0.5}
            """,
            ScalarType.Float32, CPU, seed: 2);
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var (queries, keys, values) = (randn(9, 1, 8), randn(9, 1, 8), randn(9, 1, 8));
        var layer = new AttentionLayer(0, new ScoreShape(0.25, 3, null));
        var batch = new TokenBatch([SmallModels.Ids(1, 9)]);

        var full = new FullAttention(Reft.Numerics.Backends.KernelBackend.Instance).Attend(layer, queries, keys, values, batch).data<float>().ToArray();
        using var cache = new KernelCache(model.Decoder, 1, 9);
        cache.Use([0]);
        var cached = cache.Attend(layer, queries, keys, values, batch).data<float>().ToArray();

        var (q, k, v) = (queries.data<float>().ToArray(), keys.data<float>().ToArray(), values.data<float>().ToArray());
        for (var i = 0; i < 9; i++)
        {
            var seen = Enumerable.Range(0, 9).Where(j => j <= i && i - j < 3).ToArray();
            var weights = seen.Select(j => Math.Exp(0.25 * Enumerable.Range(0, 8).Sum(c => (double)q[(i * 8) + c] * k[(j * 8) + c]))).ToArray();
            for (var c = 0; c < 8; c++)
            {
                var expected = seen.Select((j, n) => weights[n] * v[(j * 8) + c]).Sum() / weights.Sum();
                Assert.Equal(expected, full[(i * 8) + c], 1e-5);
                Assert.Equal(expected, cached[(i * 8) + c], 1e-5);
            }
        }

        Assert.Equal([3], model.Decoder.Config.SlidingWindows);
    }
}
