using Reft.Models.Blocks;

namespace Reft.Models.Families;

/// <summary>
/// Gemma 2 (<see href="https://arxiv.org/abs/2408.00118"/>): norms around 1 before and after both parts, every other layer with a window,
/// scores and logits with a cap, embeddings times √D.
/// </summary>
internal static class Gemma2
{
    public static ModelFamily Family { get; } = new("gemma2", Read, Common.LlamaNames with
    {
        AttentionOutputNorm = "post_attention_layernorm",
        FeedForwardNorm = "pre_feedforward_layernorm",
        FeedForwardOutputNorm = "post_feedforward_layernorm",
    })
    {
        Block = parts => new SandwichBlock(parts),
        Small = """
            "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 32,
            "intermediate_size": 160, "max_position_embeddings": 256, "sliding_window": 16, "query_pre_attn_scalar": 24
            """,
        Classifier = "Gemma2ForSequenceClassification",
    };

    private static DecoderConfig Read(ConfigReader config)
    {
        var headSize = config.OptionalPositive("head_dim") ?? 256;
        var shape = Common.ReadLlamaShape(config);
        var attentionBias = config.Flag("attention_bias", false);
        int? window = config.IsNull("sliding_window") ? null : config.OptionalPositive("sliding_window") ?? 4096;
        return shape with
        {
            HeadSize = headSize,
            KeyValueHeads = config.OptionalPositive("num_key_value_heads") ?? 4,
            TieEmbeddings = config.Flag("tie_word_embeddings", true),
            // hidden_act is of older files, and Transformers reads it no more.
            Activation = config.Activation("hidden_activation", "gelu_pytorch_tanh"),
            NormsAroundOne = true,
            QkvBias = attentionBias,
            AttentionOutputBias = attentionBias,
            Rotary = Common.Rotary(config, headSize, absentTheta: 10_000),
            EmbeddingScale = Math.Sqrt(shape.Width),
            AttentionScales = Common.Repeat(1 / Math.Sqrt(config.PositiveNumber("query_pre_attn_scalar", 256)), shape.Layers),
            SlidingWindows = Common.Windows(config, shape.Layers, window, layer => layer % 2 == 0),
            ScoreCap = config.Cap("attn_logit_softcapping", 50),
            LogitCap = config.Cap("final_logit_softcapping", 30),
        };
    }
}
