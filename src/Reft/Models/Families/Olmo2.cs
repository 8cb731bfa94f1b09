using Reft.Models.Blocks;

namespace Reft.Models.Families;

/// <summary>
/// OLMo 2 (<see href="https://arxiv.org/abs/2501.00656"/>): Llama whose norms come after attention and feed-forward, and whose queries and
/// keys are normalised whole.
/// </summary>
internal static class Olmo2
{
    public static ModelFamily Family { get; } = new("olmo2", Read, Common.LlamaNames with
    {
        AttentionNorm = "",
        AttentionOutputNorm = "post_attention_layernorm",
        FeedForwardNorm = "",
        FeedForwardOutputNorm = "post_feedforward_layernorm",
    })
    {
        Block = parts => new OutputNormBlock(parts),
        Small = Common.SmallShape,
    };

    private static DecoderConfig Read(ConfigReader config)
    {
        var attentionBias = config.Flag("attention_bias", false);
        return Common.ReadLlamaShape(config) with
        {
            NormEpsilon = config.PositiveNumber("rms_norm_eps", 1e-5),
            QkvBias = attentionBias,
            AttentionOutputBias = attentionBias,
            WholeQueryKeyNorm = true,
        };
    }
}
