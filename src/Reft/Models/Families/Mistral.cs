namespace Reft.Models.Families;

/// <summary>Mistral: Llama with a sliding window in every layer, where the file gives one.</summary>
internal static class Mistral
{
    // What Transformers assumes where the key is absent; null means no window.
    private const int AbsentWindow = 4096;

    public static ModelFamily Family { get; } = new("mistral", Read, Common.LlamaNames)
    {
        Small = Common.SmallShape + ", \"sliding_window\": 16",
        Classifier = "MistralForSequenceClassification",
    };

    private static DecoderConfig Read(ConfigReader config)
    {
        var shape = Common.ReadLlamaShape(config);
        int? window = config.IsNull("sliding_window") ? null : config.OptionalPositive("sliding_window") ?? AbsentWindow;
        return shape with
        {
            KeyValueHeads = config.OptionalPositive("num_key_value_heads") ?? 8,
            SlidingWindows = Common.Windows(config, shape.Layers, window, _ => true),
        };
    }
}
