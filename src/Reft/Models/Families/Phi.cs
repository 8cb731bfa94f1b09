using Reft.Models.Blocks;

namespace Reft.Models.Families;

/// <summary>Phi 1, 1.5 and 2 (<see href="https://arxiv.org/abs/2309.05463"/>): attention and feed-forward side by side behind one norm, biases everywhere.</summary>
internal static class Phi
{
    public static ModelFamily Family { get; } = new("phi", Read, Common.LlamaNames with
    {
        AttentionOutput = "self_attn.dense",
        Up = "mlp.fc1",
        Down = "mlp.fc2",
        FinalNorm = "model.final_layernorm",
    })
    {
        Block = parts => new ParallelBlock(parts, sharesNorm: true),
        Small = """
            "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 160, "max_position_embeddings": 256
            """,
    };

    private static DecoderConfig Read(ConfigReader config)
    {
        config.MustBe("qk_layernorm", false);
        var shape = Common.ReadLlamaShape(config);
        return shape with
        {
            Dropout = new DropoutRates(
                config.Share("embd_pdrop", 0), config.Share("resid_pdrop", 0), config.Share("attention_dropout", 0)),
            Activation = config.Activation("hidden_act", "gelu_new"),
            Gated = false,
            Norm = NormKind.Layer,
            NormEpsilon = config.PositiveNumber("layer_norm_eps", 1e-5),
            Residual = ResidualKind.ParallelOneNorm,
            QkvBias = true,
            AttentionOutputBias = true,
            FeedForwardBias = true,
            HeadBias = true,
            Rotary = Common.Rotary(config, shape.HeadSize, absentTheta: 10_000, absentPartial: 0.5),
        };
    }
}
