namespace Reft.Models.Families;

/// <summary>Llama 2 and 3, CodeLlama, TinyLlama, SmolLM2.</summary>
internal static class Llama
{
    public static ModelFamily Family { get; } = new("llama", Read, Common.LlamaNames)
    {
        Small = Common.SmallShape,
        Classifier = "LlamaForSequenceClassification",
    };

    private static DecoderConfig Read(ConfigReader config)
    {
        var attentionBias = config.Flag("attention_bias", false);
        return Common.ReadLlamaShape(config) with
        {
            QkvBias = attentionBias,
            AttentionOutputBias = attentionBias,
            FeedForwardBias = config.Flag("mlp_bias", false),
        };
    }
}
