namespace Reft.Models.Families;

/// <summary>Gemma (<see href="https://arxiv.org/abs/2403.08295"/>): Llama with norms around 1 and embeddings times √D.</summary>
internal static class Gemma
{
    public static ModelFamily Family { get; } = new("gemma", Read, Common.LlamaNames)
    {
        Small = """
            "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 1, "head_dim": 32,
            "intermediate_size": 160, "max_position_embeddings": 256
            """,
        Classifier = "GemmaForSequenceClassification",
    };

    private static DecoderConfig Read(ConfigReader config)
    {
        var headSize = config.OptionalPositive("head_dim") ?? 256;
        var shape = Common.ReadLlamaShape(config);
        var attentionBias = config.Flag("attention_bias", false);
        return shape with
        {
            HeadSize = headSize,
            KeyValueHeads = config.OptionalPositive("num_key_value_heads") ?? 16,
            TieEmbeddings = config.Flag("tie_word_embeddings", true),
            // hidden_act of the files says gelu; Transformers reads it no more, and the weights were trained with the approximation.
            Activation = config.Activation("hidden_activation", "gelu_pytorch_tanh"),
            NormsAroundOne = true,
            QkvBias = attentionBias,
            AttentionOutputBias = attentionBias,
            Rotary = Common.Rotary(config, headSize, absentTheta: 10_000),
            AttentionScales = Common.Repeat(1 / Math.Sqrt(headSize), shape.Layers),
            EmbeddingScale = Math.Sqrt(shape.Width),
        };
    }
}
