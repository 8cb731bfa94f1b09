namespace Reft.Models.Families;

/// <summary>Phi 3, 3.5, 4 and 4 mini (<see href="https://arxiv.org/abs/2404.14219"/>): Llama with one projection for queries, keys and values, and one for gate and up.</summary>
internal static class Phi3
{
    public static ModelFamily Family { get; } = new("phi3", Read, Common.LlamaNames with
    {
        Fused = "self_attn.qkv_proj",
        GateUp = "mlp.gate_up_proj",
    })
    {
        Small = Common.SmallShape + """
            , "partial_rotary_factor": 0.75, "original_max_position_embeddings": 64, "rope_scaling": { "type": "longrope",
              "short_factor": [1.0, 1.1, 1.3, 1.6, 2.0, 2.5], "long_factor": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0] }
            """,
        Classifier = "Phi3ForSequenceClassification",
    };

    private static DecoderConfig Read(ConfigReader config)
    {
        config.MustBe("attention_bias", false);
        var shape = Common.ReadLlamaShape(config);
        var window = config.OptionalPositive("sliding_window");
        return shape with
        {
            NormEpsilon = config.PositiveNumber("rms_norm_eps", 1e-5),
            Dropout = new DropoutRates(
                config.Share("embd_pdrop", 0), config.Share("resid_pdrop", 0), config.Share("attention_dropout", 0)),
            Qkv = QkvLayout.Rows,
            FusedGate = true,
            // A window as long as the context hides nothing.
            SlidingWindows = Common.Windows(config, shape.Layers, window >= shape.MaxPositions ? null : window, _ => true),
        };
    }
}
