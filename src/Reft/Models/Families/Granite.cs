namespace Reft.Models.Families;

/// <summary>Granite 3: Llama whose embeddings, scores, sums and logits have factors of their own (μP, <see href="https://arxiv.org/abs/2203.03466"/>).</summary>
internal static class Granite
{
    public static ModelFamily Family { get; } = new("granite", Read, Common.LlamaNames)
    {
        Small = Common.SmallShape + """
            , "embedding_multiplier": 12.0, "attention_multiplier": 0.125, "residual_multiplier": 0.22, "logits_scaling": 8.0
            """,
    };

    private static DecoderConfig Read(ConfigReader config)
    {
        var shape = Llama.Family.Read(config);
        return shape with
        {
            EmbeddingScale = config.PositiveNumber("embedding_multiplier", 1),
            AttentionScales = Common.Repeat(config.PositiveNumber("attention_multiplier", 1), shape.Layers),
            ResidualScale = config.PositiveNumber("residual_multiplier", 1),
            LogitDivisor = config.PositiveNumber("logits_scaling", 1),
        };
    }
}
