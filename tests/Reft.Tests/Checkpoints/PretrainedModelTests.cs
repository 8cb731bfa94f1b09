using System.Text.Json.Nodes;
using Reft.Checkpoints;
using Reft.Models;
using Reft.Tests.Training;
using static TorchSharp.torch;

namespace Reft.Tests.Checkpoints;

/// <summary>Folders as they are found in the wild, made from the golden ones.</summary>
[NoTensorLeak]
[Collection(TensorCounting.Name)]
public sealed class PretrainedModelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Golden.Names), MemberType = typeof(Golden))]
    public void Save_ThenLoad_KeepsBitsNamesShapesAndConfigKeys(string name)
    {
        using var golden = Golden.Open(name);

        golden.Model.Save(_folder.Path);

        Assert.Equal(["config.json", "generation_config.json", "model.safetensors"], _folder.Files);
        using var original = SafeTensorsFile.Open(Path.Combine(golden.Folder, "model.safetensors"));
        using var saved = SafeTensorsFile.Open(_folder["model.safetensors"]);
        Assert.Equal(original.Entries.Keys.Order(StringComparer.Ordinal), saved.Entries.Keys.Order(StringComparer.Ordinal));
        foreach (var entry in original.Entries.Values)
        {
            Assert.Equal(entry.Shape, saved.Entries[entry.Name].Shape);
            Assert.True(original.Bytes(entry).SequenceEqual(saved.Bytes(saved.Entries[entry.Name])), entry.Name);
        }

        var before = JsonNode.Parse(File.ReadAllText(Path.Combine(golden.Folder, "config.json")))!.AsObject();
        var after = JsonNode.Parse(File.ReadAllText(_folder["config.json"]))!.AsObject();
        foreach (var (key, value) in before)
        {
            Assert.True(JsonNode.DeepEquals(value, after[key]), key);
        }

        Assert.Equal("float32", (string?)after["dtype"]);
        Assert.Equal("float32", (string?)after["torch_dtype"]);
        using var again = PretrainedModel.Load(_folder.Path, ScalarType.Float32, CPU);
        Assert.Equal(golden.Model.StopTokens, again.StopTokens);
    }

    [Theory]
    [InlineData("gpt2", "transformer.")]
    [InlineData("llama", "model.")]
    [InlineData("opt", "model.")]
    [InlineData("gpt-neox", "gpt_neox.")]
    public void Load_FilesOfTheBareModelWithBuffers_Loads(string name, string prefix)
    {
        using var golden = Golden.Open(name);
        Rewrite(golden.Folder, tensors =>
        {
            foreach (var key in tensors.Keys.Where(k => k.StartsWith(prefix, StringComparison.Ordinal)).ToArray())
            {
                tensors[key[prefix.Length..]] = tensors[key];
                tensors.Remove(key);
            }

            foreach (var buffer in name switch
            {
                "gpt2" => new[] { "h.0.attn.bias", "h.1.attn.masked_bias" },
                "gpt-neox" => ["layers.0.attention.bias", "layers.1.attention.masked_bias", "layers.0.attention.rotary_emb.inv_freq"],
                "llama" => ["layers.0.self_attn.rotary_emb.inv_freq"],
                _ => [],
            })
            {
                tensors[buffer] = new Stored(SafeTensorsDtype.U8, [1], [1]);
            }
        });

        AssertSameWeights(golden);
    }

    [Theory]
    [InlineData("llama-tied", "model.embed_tokens.weight", "lm_head.weight")]
    [InlineData("gpt2", "transformer.wte.weight", "lm_head.weight")]
    [InlineData("opt", "model.decoder.embed_tokens.weight", "lm_head.weight")]
    public void Load_TiedUnderEitherNameOrBoth_Loads(string name, string embedding, string head)
    {
        using var golden = Golden.Open(name);
        Rewrite(golden.Folder, tensors => tensors[head] = tensors[embedding]);
        AssertSameWeights(golden);

        Rewrite(golden.Folder, tensors =>
        {
            tensors[head] = tensors[embedding];
            tensors.Remove(embedding);
        });
        AssertSameWeights(golden);
    }

    [Theory]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16)]
    public void Load_HalfPrecisionFiles_HoldTheRoundedWeights(ScalarType type)
    {
        var stored = type == ScalarType.Float16 ? SafeTensorsDtype.F16 : SafeTensorsDtype.BF16;
        using var golden = Golden.Open("llama");
        using var scope = NewDisposeScope();
        Rewrite(golden.Folder, tensors =>
        {
            foreach (var (key, value) in tensors.ToArray())
            {
                var single = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(value.Bytes).ToArray();
                tensors[key] = new Stored(stored, value.Shape, [.. single.SelectMany(Half)]);
            }
        });

        using var model = PretrainedModel.Load(_folder.Path, ScalarType.Float32, CPU);

        foreach (var (half, full) in model.Decoder.Parameters.Zip(golden.Decoder.Parameters))
        {
            Assert.True(half.Value.eq(full.Value.to(type).to(ScalarType.Float32)).all().item<bool>(), half.Name);
        }

        byte[] Half(float value) => stored == SafeTensorsDtype.F16
            ? BitConverter.GetBytes((Half)value)
            : BitConverter.GetBytes(Numerics.Kernels.KernelData.Round(value));
    }

    [Fact]
    public void Load_Sharded_EqualsTheSingleFile()
    {
        using var golden = Golden.Open("qwen3");
        File.Copy(Path.Combine(golden.Folder, "config.json"), _folder["config.json"]);
        using (var file = SafeTensorsFile.Open(Path.Combine(golden.Folder, "model.safetensors")))
        {
            WeightWriter.Write(
                _folder.Path, [.. file.Entries.Values.Select(e => TensorSource.FromFile(file, e))], maxShardBytes: 100_000);
        }

        Assert.True(_folder.Files.Length > 3);
        AssertSameWeights(golden);
    }

    [Fact]
    public void Load_MissingUnexpectedAndMisshapen_AreAllListed()
    {
        using var golden = Golden.Open("llama");
        Rewrite(golden.Folder, tensors =>
        {
            tensors.Remove("model.norm.weight");
            tensors["model.layers.9.extra"] = new Stored(SafeTensorsDtype.U8, [1], [1]);
            tensors["lm_head.weight"] = new Stored(SafeTensorsDtype.F32, [2, 2], new byte[16]);
        });

        var error = Assert.Throws<InputException>(() => PretrainedModel.Load(_folder.Path, ScalarType.Float32, CPU));

        Assert.Equal(
            $"{_folder["model.safetensors"]}: lacks 'model.norm.weight'; holds unexpected 'model.layers.9.extra'; "
            + "'lm_head.weight' has shape [2, 2] where [320, 64] is needed; check that config.json belongs to these weights",
            error.Message);
    }

    [Theory]
    [InlineData("I64")]
    [InlineData("F64")]
    public void Load_OtherDtypes_AreRefused(string dtype)
    {
        using var golden = Golden.Open("llama");
        Rewrite(golden.Folder, tensors => tensors["model.norm.weight"] = new Stored(
            dtype == "I64" ? SafeTensorsDtype.I64 : SafeTensorsDtype.F64, [64], new byte[512]));

        var error = Assert.Throws<InputException>(() => PretrainedModel.Load(_folder.Path, ScalarType.Float32, CPU));

        Assert.Contains($"'model.norm.weight' is {dtype}", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"word_embed_proj_dim\":8", 2)]
    [InlineData("\"do_layer_norm_before\":false", 0)]
    [InlineData("\"do_layer_norm_before\":false,\"word_embed_proj_dim\":8", 2)]
    [InlineData("\"_remove_final_layer_norm\":true", 0)]
    [InlineData("\"layer_norm_elementwise_affine\":false,\"enable_bias\":false", 0)]
    public void Opt_Variants_BuildAndRunCausally(string change, int projections)
    {
        using var model = PretrainedModel.Initialize(
            $$"""
            {"model_type":"opt","vocab_size":32,"hidden_size":16,"num_hidden_layers":2,"num_attention_heads":2,"ffn_dim":24,
             "max_position_embeddings":16,"init_std":0.5,{{change}}}
            """,
            ScalarType.Float32, CPU, seed: 4);
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var names = model.Decoder.Parameters.Select(p => p.Name).ToArray();

        // Packed for the kernels, whose rows are the same bits whatever rows are beside them.
        Tensor full;
        using (model.Decoder.Prepare())
        {
            full = model.Decoder.Logits(model.Decoder.Hidden(new TokenBatch([[1, 2, 3, 4]])));
            var start = model.Decoder.Logits(model.Decoder.Hidden(new TokenBatch([[1, 2]])));
            Assert.Equal(Episodes.Values(start), Episodes.Values(full.narrow(0, 0, 2)));
        }

        Assert.Equal([4L, 32L], full.shape);
        Assert.Equal(projections, names.Count(n => n.Contains(".project_", StringComparison.Ordinal)));
        var final = !change.Contains("do_layer_norm_before", StringComparison.Ordinal)
            && !change.Contains("_remove_final", StringComparison.Ordinal)
            && !change.Contains("affine", StringComparison.Ordinal);
        Assert.Equal(final, names.Contains("model.decoder.final_layer_norm.weight"));
        model.Save(_folder.Path);
        using var again = PretrainedModel.Load(_folder.Path, ScalarType.Float32, CPU);
        Assert.Equal(names, again.Decoder.Parameters.Select(p => p.Name));
    }

    private void AssertSameWeights(Golden golden)
    {
        using var scope = NewDisposeScope();
        using var model = PretrainedModel.Load(_folder.Path, ScalarType.Float32, CPU);
        foreach (var (actual, expected) in model.Decoder.Parameters.Zip(golden.Decoder.Parameters))
        {
            Assert.Equal(expected.Name, actual.Name);
            Assert.True(actual.Value.eq(expected.Value).all().item<bool>(), expected.Name);
        }
    }

    /// <summary>Copies a folder's config and writes its tensors after a change.</summary>
    private void Rewrite(string folder, Action<Dictionary<string, Stored>> change)
    {
        using var file = SafeTensorsFile.Open(Path.Combine(folder, "model.safetensors"));
        var tensors = file.Entries.Values.ToDictionary(
            e => e.Name, e => new Stored(e.Dtype, e.Shape, file.Bytes(e).ToArray()), StringComparer.Ordinal);
        change(tensors);
        File.Copy(Path.Combine(folder, "config.json"), _folder["config.json"], overwrite: true);
        WeightWriter.Write(
            _folder.Path,
            [.. tensors.Select(t => TensorSource.FromMemory(t.Key, t.Value.Dtype, t.Value.Shape, t.Value.Bytes))],
            maxShardBytes: long.MaxValue);
    }

    private sealed record Stored(SafeTensorsDtype Dtype, long[] Shape, byte[] Bytes);
}
