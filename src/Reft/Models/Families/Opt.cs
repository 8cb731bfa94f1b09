using Reft.Models.Blocks;

namespace Reft.Models.Families;

/// <summary>OPT and Galactica: learned positions from row 2 on; biases and affine norms are optional.</summary>
internal static class Opt
{
    public static ModelFamily Family { get; } = new("opt", Read, new ParameterNames
    {
        BasePrefix = "model.",
        Embedding = "model.decoder.embed_tokens",
        Positions = "model.decoder.embed_positions",
        Layer = "model.decoder.layers.{0}.",
        AttentionNorm = "self_attn_layer_norm",
        Query = "self_attn.q_proj",
        Key = "self_attn.k_proj",
        Value = "self_attn.v_proj",
        AttentionOutput = "self_attn.out_proj",
        FeedForwardNorm = "final_layer_norm",
        Up = "fc1",
        Down = "fc2",
        FinalNorm = "model.decoder.final_layer_norm",
        Head = "lm_head",
        ProjectIn = "model.decoder.project_in",
        ProjectOut = "model.decoder.project_out",
    })
    {
        Block = parts => parts.Config.NormFirst ? new SequentialBlock(parts) : new PostNormBlock(parts),
        Small = """
            "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "ffn_dim": 256,
            "max_position_embeddings": 256, "tie_word_embeddings": true
            """,
        Classifier = "OPTForSequenceClassification",
    };

    private static DecoderConfig Read(ConfigReader config)
    {
        var width = config.Positive("hidden_size");
        var heads = config.Positive("num_attention_heads");
        var layers = config.Positive("num_hidden_layers");
        var headSize = Common.Divide(config, "hidden_size", width, heads);
        var bias = config.Flag("enable_bias", true);
        var normFirst = config.Flag("do_layer_norm_before", true);
        return new DecoderConfig
        {
            ModelType = "opt",
            VocabularySize = config.Positive("vocab_size"),
            Width = width,
            Layers = layers,
            Heads = heads,
            KeyValueHeads = heads,
            HeadSize = headSize,
            IntermediateSize = config.Positive("ffn_dim"),
            MaxPositions = config.Positive("max_position_embeddings"),
            InitializerRange = config.PositiveNumber("init_std", 0.02),
            TieEmbeddings = config.Flag("tie_word_embeddings", true),
            EosTokenIds = config.TokenIds("eos_token_id"),
            BosTokenId = config.OptionalTokenId("bos_token_id"),
            PadTokenId = config.OptionalTokenId("pad_token_id"),
            Dtype = Common.Dtype(config),
            Dropout = new DropoutRates(0, config.Share("dropout", 0.1), config.Share("attention_dropout", 0))
            {
                Layers = config.Share("layerdrop", 0),
            },
            Activation = config.Activation("activation_function", "relu"),
            Norm = NormKind.Layer,
            NormEpsilon = 1e-5,
            NormAffine = config.Flag("layer_norm_elementwise_affine", true),
            NormFirst = normFirst,
            FinalNorm = normFirst && !config.Flag("_remove_final_layer_norm", false),
            QkvBias = bias,
            AttentionOutputBias = bias,
            FeedForwardBias = bias,
            LearnedPositionOffset = 2,
            EmbeddingWidth = config.OptionalPositive("word_embed_proj_dim") ?? width,
            AttentionScales = Common.Repeat(1 / Math.Sqrt(headSize), layers),
            SlidingWindows = new int?[layers],
        };
    }
}
