namespace Reft.Models.Families;

/// <summary>Qwen2 and Qwen2.5: Llama with biases on queries, keys and values.</summary>
internal static class Qwen2
{
    public static ModelFamily Family { get; } = new("qwen2", Read, Common.LlamaNames)
    {
        Small = Common.SmallShape,
        Classifier = "Qwen2ForSequenceClassification",
    };

    private static DecoderConfig Read(ConfigReader config) => WithWindows(config, Common.ReadLlamaShape(config)) with
    {
        QkvBias = true,
    };

    /// <summary>Qwen's windows: off unless <c>use_sliding_window</c>, and then from <c>max_window_layers</c> on.</summary>
    internal static DecoderConfig WithWindows(ConfigReader config, DecoderConfig shape)
    {
        int? window = config.Flag("use_sliding_window", false)
            ? config.IsNull("sliding_window") ? null : config.OptionalPositive("sliding_window") ?? 4096
            : null;
        var from = config.Number("max_window_layers", 28);
        return shape with
        {
            KeyValueHeads = config.OptionalPositive("num_key_value_heads")
                ?? (config.IsNull("num_key_value_heads") ? shape.Heads : 32),
            SlidingWindows = Common.Windows(config, shape.Layers, window, i => window is not null && i >= from),
        };
    }
}
