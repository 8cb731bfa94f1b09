using Reft.Models.Blocks;

namespace Reft.Models.Families;

/// <summary>
/// Gemma 3's text models (<see href="https://arxiv.org/abs/2503.19786"/>): Gemma 2 without caps, with queries and keys normalised head by head, and
/// five layers of six with a window and rotary positions of their own.
/// </summary>
internal static class Gemma3
{
    public static ModelFamily Family { get; } = new("gemma3_text", Read, Gemma2.Family.Names)
    {
        Block = parts => new SandwichBlock(parts),
        Small = """
            "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 32,
            "intermediate_size": 160, "max_position_embeddings": 256, "sliding_window": 16, "sliding_window_pattern": 2, "query_pre_attn_scalar": 24,
            "rope_theta": 1000000, "rope_local_base_freq": 10000, "rope_scaling": { "rope_type": "linear", "factor": 8 }
            """,
    };

    private static DecoderConfig Read(ConfigReader config)
    {
        var shape = Gemma2.Family.Read(config);
        var pattern = config.OptionalPositive("sliding_window_pattern") ?? config.OptionalPositive("_sliding_window_pattern") ?? 6;
        return shape with
        {
            QueryKeyNorm = true,
            ScoreCap = config.Cap("attn_logit_softcapping"),
            LogitCap = config.Cap("final_logit_softcapping"),
            Rotary = Common.Rotary(config, shape.HeadSize, absentTheta: 1_000_000),
            LocalRotary = Common.LocalRotary(config, shape.HeadSize) ?? new RotaryConfig(
                shape.HeadSize, config.PositiveNumber("rope_local_base_freq", 10_000), Interleaved: false, Scaling: null),
            SlidingWindows = Common.Windows(
                config, shape.Layers, config.OptionalPositive("sliding_window") ?? 4096, layer => (layer + 1) % pattern != 0),
        };
    }
}
