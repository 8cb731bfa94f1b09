namespace Reft.Models.Families;

/// <summary>GPT-2 and CodeParrot: learned positions, one [in, out] projection for queries, keys and values.</summary>
internal static class Gpt2
{
    public static ModelFamily Family { get; } = new("gpt2", Read, new ParameterNames
    {
        BasePrefix = "transformer.",
        Embedding = "transformer.wte",
        Positions = "transformer.wpe",
        Layer = "transformer.h.{0}.",
        AttentionNorm = "ln_1",
        Fused = "attn.c_attn",
        AttentionOutput = "attn.c_proj",
        FeedForwardNorm = "ln_2",
        Up = "mlp.c_fc",
        Down = "mlp.c_proj",
        FinalNorm = "transformer.ln_f",
        Head = "lm_head",
        Buffers = ["attn.bias", "attn.masked_bias"],
    })
    {
        Small = """
            "n_embd": 64, "n_layer": 2, "n_head": 4, "n_positions": 256, "tie_word_embeddings": true
            """,
        Classifier = "GPT2ForSequenceClassification",
    };

    private static DecoderConfig Read(ConfigReader config)
    {
        config.MustBe("add_cross_attention", false);
        var width = config.OptionalPositive("n_embd") ?? 768;
        var heads = config.OptionalPositive("n_head") ?? 12;
        var layers = config.OptionalPositive("n_layer") ?? 12;
        var headSize = Common.Divide(config, "n_embd", width, heads);
        var scale = config.Flag("scale_attn_weights", true) ? 1 / Math.Sqrt(headSize) : 1;
        var byLayer = config.Flag("scale_attn_by_inverse_layer_idx", false);
        return new DecoderConfig
        {
            ModelType = "gpt2",
            VocabularySize = config.Positive("vocab_size"),
            Width = width,
            Layers = layers,
            Heads = heads,
            KeyValueHeads = heads,
            HeadSize = headSize,
            IntermediateSize = config.OptionalPositive("n_inner") ?? 4 * width,
            MaxPositions = config.OptionalPositive("n_positions") ?? 1024,
            InitializerRange = config.PositiveNumber("initializer_range", 0.02),
            TieEmbeddings = config.Flag("tie_word_embeddings", true),
            EosTokenIds = config.TokenIds("eos_token_id"),
            BosTokenId = config.OptionalTokenId("bos_token_id"),
            PadTokenId = config.OptionalTokenId("pad_token_id"),
            Dtype = Common.Dtype(config),
            Dropout = new DropoutRates(
                config.Share("embd_pdrop", 0.1), config.Share("resid_pdrop", 0.1), config.Share("attn_pdrop", 0.1)),
            Activation = config.Activation("activation_function", "gelu_new"),
            Norm = NormKind.Layer,
            NormEpsilon = config.PositiveNumber("layer_norm_epsilon", 1e-5),
            Qkv = QkvLayout.Thirds,
            TransposedWeights = true,
            QkvBias = true,
            AttentionOutputBias = true,
            FeedForwardBias = true,
            LearnedPositionOffset = 0,
            EmbeddingWidth = width,
            AttentionScales = [.. Enumerable.Range(0, layers).Select(i => byLayer ? scale / (i + 1) : scale)],
            SlidingWindows = new int?[layers],
        };
    }
}
