using System.Text.Json;

namespace Reft.Models.Families;

/// <summary>
/// Keys by which some family of Transformers computes something else. Where one is given and the file's family does not read it, the model
/// would be another than the weights were trained for: that is an error, not a key to be passed over.
/// </summary>
internal static class OtherMathematics
{
    /// <summary>The keys, each with the number at which it changes nothing, if there is one; null, false, 0 and empty never do.</summary>
    private static readonly Dictionary<string, double?> _keys = new(StringComparer.Ordinal)
    {
        ["alibi"] = null,
        ["apply_residual_connection_post_layernorm"] = null,
        ["attention_chunk_size"] = null,
        ["attention_multiplier"] = null,
        ["attn_logit_softcapping"] = null,
        ["clip_qkv"] = null,
        ["dim_model_base"] = null,
        ["embedding_multiplier"] = 1,
        ["final_logit_softcapping"] = null,
        ["logit_scale"] = 1,
        ["logits_scaling"] = 1,
        ["n_routed_experts"] = null,
        ["no_rope_layer_interval"] = null,
        ["num_experts"] = null,
        ["num_local_experts"] = null,
        ["parallel_attn"] = null,
        ["partial_rotary_factor"] = 1,
        ["qk_layernorm"] = null,
        ["qk_norm"] = null,
        ["query_pre_attn_scalar"] = null,
        ["residual_multiplier"] = 1,
        ["rope_local_base_freq"] = null,
        ["rope_ratio"] = 1,
        ["rotary_pct"] = 1,
        ["scale_depth"] = null,
        ["scale_emb"] = 1,
        ["sliding_window_pattern"] = null,
        ["use_bidirectional_attention"] = null,
        ["use_parallel_residual"] = null,
        ["use_qk_norm"] = null,
    };

    /// <summary>The keys.</summary>
    public static IReadOnlyCollection<string> Keys => _keys.Keys;

    /// <summary>Refuses a file whose family has left such a key unread.</summary>
    public static void RefuseUnread(ConfigReader config, string modelType)
    {
        foreach (var (key, neutral) in _keys)
        {
            if (config.Unread(key) is { } value && Changes(value, neutral))
            {
                throw config.Unsupported(key, value.GetRawText().ReplaceLineEndings(" "), $"'{modelType}' without it, and would compute another model");
            }
        }

        foreach (var (key, path, value) in config.AllUnread())
        {
            if (Changes(value, neutral: null) && !HarmlessKeys.Contains(key, value) && !_keys.ContainsKey(key))
            {
                throw new InputException(
                    $"{config.File}: '{OneLine.Of(path, 60)}' is {OneLine.Of(value.GetRawText(), 60)}, which Reft does not know of '{modelType}': "
                    + "if it changes what the model computes, Reft would compute another; if it does not, remove it");
            }
        }
    }

    private static bool Changes(JsonElement value, double? neutral) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.False => false,
        JsonValueKind.Number => !value.TryGetDouble(out var number) || (number != 0 && number != neutral),
        JsonValueKind.Array => value.GetArrayLength() > 0,
        JsonValueKind.Object => value.EnumerateObject().Any(),
        _ => true,
    };
}
