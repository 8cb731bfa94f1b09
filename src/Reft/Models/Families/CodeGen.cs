using Reft.Models.Blocks;

namespace Reft.Models.Families;

/// <summary>CodeGen: one norm for attention and feed-forward side by side, interleaved rotary, a biased head.</summary>
internal static class CodeGen
{
    /// <summary>The blocks of the fused projection: the number of devices that CodeGen was trained on.</summary>
    internal const int Blocks = 4;

    public static ModelFamily Family { get; } = new("codegen", Read, new ParameterNames
    {
        BasePrefix = "transformer.",
        Embedding = "transformer.wte",
        Layer = "transformer.h.{0}.",
        AttentionNorm = "ln_1",
        Fused = "attn.qkv_proj",
        AttentionOutput = "attn.out_proj",
        Up = "mlp.fc_in",
        Down = "mlp.fc_out",
        FinalNorm = "transformer.ln_f",
        Head = "lm_head",
        Buffers = ["attn.causal_mask", "attn.bias", "attn.masked_bias", "attn.embed_positions"],
    })
    {
        Block = parts => new ParallelBlock(parts, sharesNorm: true),
        Small = """
            "n_embd": 64, "n_layer": 2, "n_head": 4, "n_positions": 256, "rotary_dim": 8, "tie_word_embeddings": false
            """,
    };

    private static DecoderConfig Read(ConfigReader config)
    {
        var width = config.OptionalPositive("n_embd") ?? 4096;
        var heads = config.OptionalPositive("n_head") ?? 16;
        var layers = config.OptionalPositive("n_layer") ?? 28;
        var headSize = Common.Divide(config, "n_embd", width, heads);
        if (heads % Blocks != 0)
        {
            throw config.Unsupported("n_head", $"{heads}", $"multiples of {Blocks} for CodeGen");
        }

        return new DecoderConfig
        {
            ModelType = "codegen",
            VocabularySize = config.Positive("vocab_size"),
            Width = width,
            Layers = layers,
            Heads = heads,
            KeyValueHeads = heads,
            HeadSize = headSize,
            IntermediateSize = config.OptionalPositive("n_inner") ?? 4 * width,
            MaxPositions = config.OptionalPositive("n_positions") ?? 2048,
            InitializerRange = config.PositiveNumber("initializer_range", 0.02),
            TieEmbeddings = config.Flag("tie_word_embeddings", false),
            EosTokenIds = config.TokenIds("eos_token_id"),
            BosTokenId = config.OptionalTokenId("bos_token_id"),
            PadTokenId = config.OptionalTokenId("pad_token_id"),
            Dtype = Common.Dtype(config),
            Dropout = new DropoutRates(
                config.Share("embd_pdrop", 0), config.Share("resid_pdrop", 0), config.Share("attn_pdrop", 0)),
            Activation = config.Activation("activation_function", "gelu_new"),
            Norm = NormKind.Layer,
            NormEpsilon = config.PositiveNumber("layer_norm_epsilon", 1e-5),
            Residual = ResidualKind.ParallelOneNorm,
            Qkv = QkvLayout.FourBlocks,
            FeedForwardBias = true,
            HeadBias = true,
            Rotary = new RotaryConfig(
                config.OptionalPositive("rotary_dim") ?? 64, Theta: 10_000, Interleaved: true, Scaling: null),
            EmbeddingWidth = width,
            AttentionScales = Common.Repeat(1 / Math.Sqrt(headSize), layers),
            SlidingWindows = new int?[layers],
        };
    }
}
