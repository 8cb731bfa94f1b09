using Reft.Models.Blocks;

namespace Reft.Models.Families;

/// <summary>StableLM 2 (<see href="https://arxiv.org/abs/2402.17834"/>): Llama with layer norms and rotary positions on a quarter of each head.</summary>
internal static class StableLm
{
    public static ModelFamily Family { get; } = new("stablelm", Read, Common.LlamaNames)
    {
        Block = parts => parts.Config.Residual == ResidualKind.Sequential ? new SequentialBlock(parts) : new ParallelBlock(parts, sharesNorm: true),
        Small = """
            "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "intermediate_size": 160,
            "max_position_embeddings": 256, "partial_rotary_factor": 0.5, "use_qkv_bias": true, "tie_word_embeddings": false
            """,
        Classifier = "StableLmForSequenceClassification",
    };

    private static DecoderConfig Read(ConfigReader config)
    {
        config.MustBe("qk_layernorm", false);
        var shape = Common.ReadLlamaShape(config);
        return shape with
        {
            Dropout = new DropoutRates(0, config.Share("hidden_dropout", 0), config.Share("attention_dropout", 0)),
            Norm = NormKind.Layer,
            NormEpsilon = config.PositiveNumber("layer_norm_eps", 1e-5),
            QkvBias = config.Flag("use_qkv_bias", false),
            Residual = config.Flag("use_parallel_residual", false) ? ResidualKind.ParallelOneNorm : ResidualKind.Sequential,
            Rotary = Common.Rotary(config, shape.HeadSize, absentTheta: 10_000, absentPartial: 0.25),
        };
    }
}
