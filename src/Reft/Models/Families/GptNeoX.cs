using Reft.Models.Blocks;

namespace Reft.Models.Families;

/// <summary>GPT-NeoX and Pythia: attention and feed-forward side by side, rotary on a part of each head.</summary>
internal static class GptNeoX
{
    public static ModelFamily Family { get; } = new("gpt_neox", Read, new ParameterNames
    {
        BasePrefix = "gpt_neox.",
        Embedding = "gpt_neox.embed_in",
        Layer = "gpt_neox.layers.{0}.",
        AttentionNorm = "input_layernorm",
        Fused = "attention.query_key_value",
        AttentionOutput = "attention.dense",
        FeedForwardNorm = "post_attention_layernorm",
        Up = "mlp.dense_h_to_4h",
        Down = "mlp.dense_4h_to_h",
        FinalNorm = "gpt_neox.final_layer_norm",
        Head = "embed_out",
        Buffers = ["attention.bias", "attention.masked_bias", "rotary_emb.inv_freq"],
    })
    {
        Block = parts => parts.Config.Residual == ResidualKind.Sequential ? new SequentialBlock(parts) : new ParallelBlock(parts, sharesNorm: false),
        Small = """
            "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 256,
            "max_position_embeddings": 256, "tie_word_embeddings": false
            """,
        Classifier = "GPTNeoXForSequenceClassification",
    };

    private static DecoderConfig Read(ConfigReader config)
    {
        var width = config.Positive("hidden_size");
        var heads = config.Positive("num_attention_heads");
        var layers = config.Positive("num_hidden_layers");
        var headSize = Common.Divide(config, "hidden_size", width, heads);
        var attentionBias = config.Flag("attention_bias", true);
        return new DecoderConfig
        {
            ModelType = "gpt_neox",
            VocabularySize = config.Positive("vocab_size"),
            Width = width,
            Layers = layers,
            Heads = heads,
            KeyValueHeads = heads,
            HeadSize = headSize,
            IntermediateSize = config.Positive("intermediate_size"),
            MaxPositions = config.Positive("max_position_embeddings"),
            InitializerRange = config.PositiveNumber("initializer_range", 0.02),
            TieEmbeddings = config.Flag("tie_word_embeddings", false),
            EosTokenIds = config.TokenIds("eos_token_id"),
            BosTokenId = config.OptionalTokenId("bos_token_id"),
            PadTokenId = config.OptionalTokenId("pad_token_id"),
            Dtype = Common.Dtype(config),
            Dropout = new DropoutRates(
                config.Share("hidden_dropout", 0), config.Share("hidden_dropout", 0), config.Share("attention_dropout", 0)),
            Activation = config.Activation("hidden_act", "gelu"),
            Norm = NormKind.Layer,
            NormEpsilon = config.PositiveNumber("layer_norm_eps", 1e-5),
            Residual = config.Flag("use_parallel_residual", true)
                ? ResidualKind.ParallelTwoNorms
                : ResidualKind.Sequential,
            Qkv = QkvLayout.PerHead,
            QkvBias = attentionBias,
            AttentionOutputBias = attentionBias,
            FeedForwardBias = true,
            Rotary = Common.Rotary(
                config, headSize, absentTheta: 10_000, "rotary_emb_base", "rotary_pct", absentPartial: 0.25),
            EmbeddingWidth = width,
            AttentionScales = Common.Repeat(1 / Math.Sqrt(headSize), layers),
            SlidingWindows = new int?[layers],
        };
    }
}
