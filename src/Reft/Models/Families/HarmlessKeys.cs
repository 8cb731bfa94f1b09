using System.Text.Json;

namespace Reft.Models.Families;

/// <summary>
/// Keys of <c>config.json</c> that change nothing of what a model's forward pass computes: provenance, how Transformers runs it, how it generates,
/// what it was trained with, and what other heads would take. A key that is neither read nor here is an error where it says anything.
/// </summary>
internal static class HarmlessKeys
{
    private static readonly HashSet<string> _names =
    [
        // Where it is from, and how programs load and run it.
        "architectures", "auto_map", "transformers_version", "torch_dtype", "dtype", "model_type", "tokenizer_class", "model_version", "name_or_path",
        "use_cache", "attn_implementation", "attention_implementation", "cache_implementation", "pretraining_tp", "use_flash_attn", "use_flash_attention_2", "flash_attn",
        "flash_rotary", "fused_dense", "use_flash_attn_2", "gradient_checkpointing", "torchscript", "use_bfloat16", "bf16", "fp16", "fp32", "unsloth_fixed",
        "unsloth_version", "use_unsloth", "return_dict", "output_attentions", "output_hidden_states", "return_unused_kwargs", "chunk_size_feed_forward",
        "attention_softmax_in_fp32", "scale_attention_softmax_in_fp32", "reorder_and_upcast_attn", "model_max_length", "max_sequence_length", "seq_length",
        "n_ctx", "context_length", "tie_encoder_decoder", "pruned_heads", "bos_token", "eos_token", "pad_token", "img_processor", "init_device", "is_decoder",
        "quantization", "neuron", "keys_to_ignore_at_inference", "is_llama_config", "transformers.js_config", "max_batch_size", "use_mrope",
        // How it is trained.
        "initializer_range", "init_std", "attention_dropout", "hidden_dropout", "classifier_dropout", "attn_pdrop", "resid_pdrop", "embd_pdrop",
        "embedding_dropout", "residual_dropout", "dropout", "activation_dropout", "layerdrop", "emb_dropout_prob", "attn_dropout_prob", "lora_dropout",
        "router_aux_loss_coef", "output_router_logits", "router_jitter_noise", "upcast_layernorm", "scale_attn_weights_in_training",
        // How it generates.
        "bos_token_id", "eos_token_id", "pad_token_id", "unk_token_id", "sep_token_id", "cls_token_id", "decoder_start_token_id", "forced_bos_token_id",
        "forced_eos_token_id", "suppress_tokens", "begin_suppress_tokens", "bad_words_ids", "max_length", "max_new_tokens", "min_length", "do_sample",
        "temperature", "top_k", "top_p", "typical_p", "repetition_penalty", "length_penalty", "diversity_penalty", "no_repeat_ngram_size",
        "encoder_no_repeat_ngram_size", "num_beams", "num_beam_groups", "num_return_sequences", "early_stopping", "remove_invalid_values",
        "exponential_decay_length_penalty", "return_dict_in_generate", "output_scores", "prefix", "task_specific_params", "finetuning_task",
        // Other heads, and other kinds of model.
        "id2label", "label2id", "num_labels", "problem_type", "summary_activation", "summary_first_dropout", "summary_proj_to_labels", "summary_type",
        "summary_use_proj", "reft_gives_program_header", "score_bias",
        // Read by families that have windows, sizes or positions under these names; the others pass them over in Transformers, too.
        "sliding_window", "max_window_layers", "use_sliding_window", "hidden_act", "head_dim", "num_key_value_heads", "rotary_emb_base",
        "max_position_embeddings", "layer_types", "n_head_kv", "tie_word_embeddings", "intermediate_size", "ffn_dim", "n_inner", "rotary_dim",
        "rope_theta", "rope_scaling", "activation_function", "num_kv_heads", "hidden_activation", "mask_token_id", "ignore_index",
        "layer_norm_epsilon", "layer_norm_eps", "scale_attn_weights", "word_embed_proj_dim", "do_layer_norm_before", "enable_bias",
    ];

    /// <summary>Keys that change nothing at the one value that the family's models have.</summary>
    private static readonly Dictionary<string, string> _values = new(StringComparer.Ordinal)
    {
        ["norm_type"] = "layer_norm",
        ["mlp_type"] = "default",
        ["position_embedding_type"] = "rope",
        ["rope_type"] = "default",
        ["ffn_type"] = "default",
    };

    /// <summary>The same of numbers.</summary>
    private static readonly Dictionary<string, double> _numbers = new(StringComparer.Ordinal)
    {
        ["interpolate_factor"] = 1,
        ["full_attn_mod"] = 1,
        ["rope_ratio"] = 1,
    };

    /// <summary>Whether a key changes nothing. What begins with an underline is a program's note to itself.</summary>
    public static bool Contains(string key) => key.StartsWith('_') || _names.Contains(key);

    /// <summary>Whether a key changes nothing at its value.</summary>
    public static bool Contains(string key, JsonElement value) =>
        Contains(key) || (value.ValueKind == JsonValueKind.String && value.GetString() is "" or null)
        || (_numbers.TryGetValue(key, out var number) && value.ValueKind == JsonValueKind.Number && value.GetDouble() == number)
        || (_values.TryGetValue(key, out var only) && value.ValueKind == JsonValueKind.String && value.GetString() == only);
}
