namespace Reft.Models.Families;

/// <summary>StarCoder 2 (<see href="https://arxiv.org/abs/2402.19173"/>): layer norms, biases everywhere, a plain feed-forward part, grouped heads and a window.</summary>
internal static class StarCoder2
{
    public static ModelFamily Family { get; } = new("starcoder2", Read, Common.LlamaNames with { Up = "mlp.c_fc", Down = "mlp.c_proj" })
    {
        Small = """
            "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "intermediate_size": 160,
            "max_position_embeddings": 256, "sliding_window": 16
            """,
        Classifier = "Starcoder2ForSequenceClassification",
    };

    private static DecoderConfig Read(ConfigReader config)
    {
        var shape = Common.ReadLlamaShape(config);
        var bias = config.Flag("use_bias", true);
        var window = config.OptionalPositive("sliding_window");
        return shape with
        {
            KeyValueHeads = config.OptionalPositive("num_key_value_heads") ?? 2,
            TieEmbeddings = config.Flag("tie_word_embeddings", true),
            Dropout = new DropoutRates(
                config.Share("embedding_dropout", 0), config.Share("residual_dropout", 0), config.Share("attention_dropout", 0)),
            Activation = config.Activation("hidden_act", "gelu_pytorch_tanh"),
            Gated = false,
            Norm = NormKind.Layer,
            NormEpsilon = config.PositiveNumber("norm_epsilon", 1e-5),
            QkvBias = bias,
            AttentionOutputBias = bias,
            FeedForwardBias = bias,
            SlidingWindows = Common.Windows(config, shape.Layers, window, _ => true),
        };
    }
}
