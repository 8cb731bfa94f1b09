using Reft.Models.Blocks;

namespace Reft.Models.Families;

/// <summary>
/// Falcon 7B, 40B, 180B and 2 (<see href="https://arxiv.org/abs/2311.16867"/>): attention and feed-forward side by side, few key/value heads in one
/// projection with the queries. Its models with ALiBi are not among them.
/// </summary>
internal static class Falcon
{
    public static ModelFamily Family { get; } = new("falcon", Read, new ParameterNames
    {
        BasePrefix = "transformer.",
        Embedding = "transformer.word_embeddings",
        Layer = "transformer.h.{0}.",
        AttentionNorm = "input_layernorm",
        Fused = "self_attention.query_key_value",
        AttentionOutput = "self_attention.dense",
        Up = "mlp.dense_h_to_4h",
        Down = "mlp.dense_4h_to_h",
        FinalNorm = "transformer.ln_f",
        Head = "lm_head",
        Buffers = ["self_attention.rotary_emb.inv_freq"],
    })
    {
        Block = parts => parts.Config.Residual == ResidualKind.ParallelOneNorm
            ? new ParallelBlock(parts, sharesNorm: true)
            : new ParallelBlock(parts, "ln_attn", "ln_mlp"),
        Small = """
            "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "num_kv_heads": 2, "max_position_embeddings": 256,
            "new_decoder_architecture": true, "alibi": false, "bias": false
            """,
        Classifier = "FalconForSequenceClassification",
    };

    private static DecoderConfig Read(ConfigReader config)
    {
        var width = config.Positive("hidden_size");
        var heads = config.Positive("num_attention_heads");
        var layers = config.Positive("num_hidden_layers");
        var headSize = Common.Divide(config, "hidden_size", width, heads);
        var isNew = config.Flag("new_decoder_architecture", false);
        config.MustBe("alibi", false);
        if (!(config.Flag("multi_query", true) & config.Flag("parallel_attn", true)) && !isNew)
        {
            throw config.Unsupported("multi_query", "or 'parallel_attn' false", "Falcon's models with both");
        }

        var norms = config.OptionalPositive("num_ln_in_parallel_attn") ?? 2;
        var bias = config.Flag("bias", false);
        return new DecoderConfig
        {
            ModelType = "falcon",
            VocabularySize = config.Positive("vocab_size"),
            Width = width,
            Layers = layers,
            Heads = heads,
            KeyValueHeads = isNew ? config.OptionalPositive("num_kv_heads") ?? heads : 1,
            HeadSize = headSize,
            IntermediateSize = config.OptionalPositive("ffn_hidden_size") ?? 4 * width,
            MaxPositions = config.OptionalPositive("max_position_embeddings") ?? 2048,
            InitializerRange = config.PositiveNumber("initializer_range", 0.02),
            TieEmbeddings = config.Flag("tie_word_embeddings", true),
            EosTokenIds = config.TokenIds("eos_token_id"),
            BosTokenId = config.OptionalTokenId("bos_token_id"),
            PadTokenId = config.OptionalTokenId("pad_token_id"),
            Dtype = Common.Dtype(config),
            Dropout = new DropoutRates(0, config.Share("hidden_dropout", 0), config.Share("attention_dropout", 0)),
            Activation = config.Activation("activation", "gelu"),
            Norm = NormKind.Layer,
            NormEpsilon = config.PositiveNumber("layer_norm_epsilon", 1e-5),
            Residual = isNew && norms == 2 ? ResidualKind.ParallelTwoNorms : ResidualKind.ParallelOneNorm,
            Qkv = isNew ? QkvLayout.Groups : QkvLayout.Rows,
            QkvBias = bias,
            AttentionOutputBias = bias,
            FeedForwardBias = bias,
            Rotary = Common.Rotary(config, headSize, absentTheta: 10_000),
            EmbeddingWidth = width,
            AttentionScales = Common.Repeat(1 / Math.Sqrt(headSize), layers),
            SlidingWindows = new int?[layers],
        };
    }
}
