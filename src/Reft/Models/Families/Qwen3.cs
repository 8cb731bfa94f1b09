namespace Reft.Models.Families;

/// <summary>Qwen3: Llama with queries and keys normalised head by head, and a head size of its own.</summary>
internal static class Qwen3
{
    public static ModelFamily Family { get; } = new("qwen3", Read, Common.LlamaNames)
    {
        Small = Common.SmallShape + ", \"head_dim\": 32",
        Classifier = "Qwen3ForSequenceClassification",
    };

    private static DecoderConfig Read(ConfigReader config)
    {
        var attentionBias = config.Flag("attention_bias", false);
        // Without head_dim Transformers takes 128 here, not the width divided by the heads.
        var headSize = config.OptionalPositive("head_dim") ?? 128;
        var shape = Common.ReadLlamaShape(config);
        return Qwen2.WithWindows(config, shape) with
        {
            HeadSize = headSize,
            Rotary = Common.Rotary(config, headSize, absentTheta: 10_000),
            AttentionScales = Common.Repeat(1 / Math.Sqrt(headSize), shape.Layers),
            QkvBias = attentionBias,
            AttentionOutputBias = attentionBias,
            QueryKeyNorm = true,
        };
    }
}
