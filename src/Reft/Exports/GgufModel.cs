using Reft.Checkpoints;
using Reft.Models;
using Reft.Text;
using static TorchSharp.torch;

namespace Reft.Exports;

/// <summary>Writes models of Llama's kind as GGUF files, which llama.cpp and what is built on it run.</summary>
internal static class GgufModel
{
    /// <summary>The families' names there; those that are not here have no exporter.</summary>
    private static readonly Dictionary<string, string> _architectures = new(StringComparer.Ordinal)
    {
        ["llama"] = "llama",
        ["mistral"] = "llama",
        ["qwen2"] = "qwen2",
        ["qwen3"] = "qwen3",
    };

    /// <summary>Writes a model with its tokenizer and chat template; adapters are added to the weights.</summary>
    /// <param name="model">The model.</param>
    /// <param name="folder">The folder with its tokenizer.</param>
    /// <param name="path">The file to write.</param>
    /// <param name="type">How matrices are stored.</param>
    /// <param name="name">What the model is called in the file.</param>
    /// <exception cref="InputException">The model or its tokenizer is of a kind that cannot be written.</exception>
    public static void Write(PretrainedModel model, string folder, string path, GgufType type, string name)
    {
        ArgumentNullException.ThrowIfNull(model);
        var (decoder, config) = (model.Decoder, model.Decoder.Config);
        var kind = _architectures.GetValueOrDefault(config.ModelType) ?? throw new InputException(
            $"{OneLine.Of(folder)}: models of type '{config.ModelType}' cannot be written as GGUF: Reft writes {string.Join(", ", _architectures.Keys)}");
        if (config.SlidingWindows.Any(window => window < config.MaxPositions))
        {
            throw new InputException(
                $"{OneLine.Of(folder)}: has a window of {config.SlidingWindows.Min()} tokens, which llama.cpp does not compute for '{kind}'");
        }

        if (decoder.Slot is not null)
        {
            throw new InputException($"{OneLine.Of(folder)}: has a latent slot between prompt and response, which llama.cpp does not compute");
        }

        var tokenizer = Tokenizer.Load(folder);
        var eos = model.StopTokens.Count > 0 ? model.StopTokens[0] : tokenizer.EosId;
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        GgufTensor[] tensors = [.. Factors(config), .. decoder.Merged().Select(pair => Make(pair.Key, pair.Value, config, kind, type))];
        GgufWriter.Write(path, [.. Shape(kind, config, type, name), .. GgufTokenizer.Keys(folder, tokenizer, config.VocabularySize, eos)], tensors);
    }

    private static IEnumerable<(string Key, object Value)> Shape(string kind, DecoderConfig config, GgufType type, string name)
    {
        yield return ("general.architecture", kind);
        yield return ("general.type", "model");
        yield return ("general.name", name);
        yield return ($"{kind}.block_count", (uint)config.Layers);
        yield return ($"{kind}.context_length", (uint)config.MaxPositions);
        yield return ($"{kind}.embedding_length", (uint)config.Width);
        yield return ($"{kind}.feed_forward_length", (uint)config.IntermediateSize);
        yield return ($"{kind}.attention.head_count", (uint)config.Heads);
        yield return ($"{kind}.attention.head_count_kv", (uint)config.KeyValueHeads);
        var rotary = config.Rotary!; // Llama's kind has one.
        yield return ($"{kind}.rope.freq_base", (float)rotary.Theta);
        yield return ($"{kind}.attention.layer_norm_rms_epsilon", (float)config.NormEpsilon);
        if (config.HeadSize * config.Heads != config.Width)
        {
            yield return ($"{kind}.attention.key_length", (uint)config.HeadSize);
            yield return ($"{kind}.attention.value_length", (uint)config.HeadSize);
        }

        yield return ("general.file_type", GgufBlocks.FileType(type));
        yield return ($"{kind}.vocab_size", (uint)config.VocabularySize);
        yield return ($"{kind}.rope.dimension_count", (uint)rotary.Dimensions);
        foreach (var key in Scaling(kind, rotary.Scaling))
        {
            yield return key;
        }

        yield return ("general.quantization_version", 2u);
    }

    private static IEnumerable<(string Key, object Value)> Scaling(string kind, RotaryScaling? scaling)
    {
        switch (scaling)
        {
            case null or { Llama3: not null }: // Llama 3's are a tensor of factors.
                yield break;
            case { Yarn: { Fast: 32, Slow: 1 } yarn } when Math.Abs((scaling.AttentionFactor ?? 1) - 1 - (0.1 * Math.Log(scaling.Factor))) < 1e-6:
                yield return ($"{kind}.rope.scaling.type", "yarn");
                yield return ($"{kind}.rope.scaling.factor", (float)scaling.Factor);
                yield return ($"{kind}.rope.scaling.original_context_length", (uint)yarn.OriginalContext);
                yield break;
            case { Yarn: null, Divisors: null }:
                yield return ($"{kind}.rope.scaling.type", "linear");
                yield return ($"{kind}.rope.scaling.factor", (float)scaling.Factor);
                yield break;
            default:
                throw new InputException("the model's rotary scaling has settings that GGUF files have no keys for; convert it with llama.cpp's own program");
        }
    }

    /// <summary>What Llama 3's scaling divides each pair's frequency by.</summary>
    private static IEnumerable<GgufTensor> Factors(DecoderConfig config)
    {
        if (config.Rotary is { Scaling.Llama3: not null } rotary)
        {
            var (stretched, plain) = (RotaryTable.Frequencies(rotary), RotaryTable.Frequencies(rotary with { Scaling = null }));
            yield return new GgufTensor("rope_freqs.weight", [plain.Length], GgufType.F32, () => [.. plain.Zip(stretched, (p, s) => p / s)]);
        }
    }

    private static GgufTensor Make(string name, Tensor value, DecoderConfig config, string kind, GgufType type)
    {
        var own = value.dim() == 1 ? GgufType.F32 : type;
        var heads = kind != "llama" ? 0 : name.Contains(".q_proj.", StringComparison.Ordinal) ? config.Heads
            : name.Contains(".k_proj.", StringComparison.Ordinal) ? config.KeyValueHeads : 0;
        return GgufBlocks.Fits(own, value.shape[^1])
            ? new GgufTensor(Name(name), value.shape, own, () => Read(value, heads))
            : throw new InputException($"'{name}' has rows of {value.shape[^1]} numbers, which 8-bit blocks of 32 do not fit; take another type");
    }

    /// <summary>The numbers; queries' and keys' rows of Llama's so that the two halves of each pair are neighbours.</summary>
    private static float[] Read(Tensor value, int heads)
    {
        using var scope = NewDisposeScope();
        var all = value.detach().cpu().to(ScalarType.Float32);
        if (heads > 0)
        {
            all = all.view(heads, 2, value.shape[0] / heads / 2, -1).transpose(1, 2);
        }

        return all.contiguous().flatten().data<float>().ToArray();
    }

    private static string Name(string name)
    {
        var parts = name.Split('.');
        var last = parts[^1]; // weight or bias
        if (name.StartsWith("model.layers.", StringComparison.Ordinal))
        {
            return $"blk.{parts[2]}.{Part(string.Join('.', parts[3..^1]))}.{last}";
        }

        return name switch
        {
            "model.embed_tokens.weight" => "token_embd.weight",
            "model.norm.weight" => "output_norm.weight",
            "lm_head.weight" => "output.weight",
            _ => throw new InputException($"'{name}' has no name in GGUF files"),
        };
    }

    private static string Part(string part) => part switch
    {
        "input_layernorm" => "attn_norm",
        "post_attention_layernorm" => "ffn_norm",
        "self_attn.q_proj" => "attn_q",
        "self_attn.k_proj" => "attn_k",
        "self_attn.v_proj" => "attn_v",
        "self_attn.o_proj" => "attn_output",
        "self_attn.q_norm" => "attn_q_norm",
        "self_attn.k_norm" => "attn_k_norm",
        "mlp.gate_proj" => "ffn_gate",
        "mlp.up_proj" => "ffn_up",
        "mlp.down_proj" => "ffn_down",
        _ => throw new InputException($"'{part}' has no name in GGUF files"),
    };
}
