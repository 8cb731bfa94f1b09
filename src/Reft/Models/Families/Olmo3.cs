using Reft.Models.Blocks;

namespace Reft.Models.Families;

/// <summary>
/// OLMo 3 (<see href="https://arxiv.org/abs/2512.13961"/>): OLMo 2 with a window in three layers of four, whose rotary positions are not stretched.
/// </summary>
internal static class Olmo3
{
    private const int FullEvery = 4;

    public static ModelFamily Family { get; } = new("olmo3", Read, Olmo2.Family.Names)
    {
        Block = parts => new OutputNormBlock(parts),
        Small = Common.SmallShape + """
            , "sliding_window": 16, "layer_types": ["sliding_attention", "full_attention"],
            "rope_scaling": { "rope_type": "yarn", "factor": 4, "original_max_position_embeddings": 64 }
            """,
    };

    private static DecoderConfig Read(ConfigReader config)
    {
        var shape = Olmo2.Family.Read(config);
        int? window = config.IsNull("sliding_window") ? null : config.OptionalPositive("sliding_window") ?? 4096;
        return shape with
        {
            SlidingWindows = Common.Windows(config, shape.Layers, window, layer => (layer + 1) % FullEvery != 0),
            LocalRotary = Common.LocalRotary(config, shape.HeadSize) ?? shape.Rotary! with { Scaling = null }, // Llama's shape has one.
        };
    }
}
