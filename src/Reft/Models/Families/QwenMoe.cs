namespace Reft.Models.Families;

/// <summary>Qwen's mixtures of experts: Qwen 2 and Qwen 3 whose feed-forward parts are many, of which a token takes a few.</summary>
internal static class QwenMoe
{
    public static ModelFamily Qwen2Family { get; } = new("qwen2_moe", config => Read(config, Qwen2.Family.Read(config), isThird: false), Common.LlamaNames)
    {
        Small = Common.SmallShape + """
            , "num_experts": 6, "num_experts_per_tok": 2, "moe_intermediate_size": 32, "shared_expert_intermediate_size": 48, "mlp_only_layers": [1]
            """,
    };

    public static ModelFamily Qwen3Family { get; } = new("qwen3_moe", config => Read(config, Qwen3.Family.Read(config), isThird: true), Common.LlamaNames)
    {
        Small = Common.SmallShape + """
            , "head_dim": 32, "num_experts": 6, "num_experts_per_tok": 2, "moe_intermediate_size": 32, "norm_topk_prob": true
            """,
    };

    private static DecoderConfig Read(ConfigReader config, DecoderConfig shape, bool isThird)
    {
        if (!isThird)
        {
            config.MustBe("qkv_bias", true);
        }

        var every = config.OptionalPositive("decoder_sparse_step") ?? 1;
        var dense = config.WholeNumbers("mlp_only_layers") ?? [];
        var experts = new ExpertsConfig(
            config.OptionalPositive("num_experts") ?? (isThird ? 128 : 60),
            config.OptionalPositive("num_experts_per_tok") ?? (isThird ? 8 : 4),
            config.OptionalPositive("moe_intermediate_size") ?? (isThird ? 768 : 1408),
            isThird ? null : config.OptionalPositive("shared_expert_intermediate_size") ?? 5632,
            config.Flag("norm_topk_prob", false),
            [.. Enumerable.Range(0, shape.Layers).Where(layer => dense.Contains(layer) || (layer + 1) % every != 0)]);
        return experts.PerToken <= experts.Count
            ? shape with { Experts = experts }
            : throw config.Unsupported("num_experts_per_tok", $"{experts.PerToken}", $"at most num_experts, {experts.Count}");
    }
}
