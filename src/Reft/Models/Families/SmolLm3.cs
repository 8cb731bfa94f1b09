namespace Reft.Models.Families;

/// <summary>SmolLM 3: Llama, every fourth layer of which has no rotary positions (<see href="https://arxiv.org/abs/2501.18795"/>).</summary>
internal static class SmolLm3
{
    public static ModelFamily Family { get; } = new("smollm3", Read, Common.LlamaNames)
    {
        Small = Common.SmallShape + ", \"no_rope_layers\": [1, 0]",
        Classifier = "SmolLM3ForSequenceClassification",
    };

    private static DecoderConfig Read(ConfigReader config)
    {
        var shape = Llama.Family.Read(config);
        var every = config.OptionalPositive("no_rope_layer_interval") ?? 4;
        var turns = config.WholeNumbers("no_rope_layers") ?? [.. Enumerable.Range(1, shape.Layers).Select(n => n % every == 0 ? 0 : 1)];
        if (turns.Count != shape.Layers)
        {
            throw new InputException($"{config.File}: 'no_rope_layers' names {turns.Count} layers, 'num_hidden_layers' is {shape.Layers}");
        }

        int? window = config.Flag("use_sliding_window", false) ? config.OptionalPositive("sliding_window") : null;
        return shape with
        {
            TieEmbeddings = config.Flag("tie_word_embeddings", true),
            KeyValueHeads = config.OptionalPositive("num_key_value_heads") ?? 4,
            UnrotatedLayers = [.. Enumerable.Range(0, shape.Layers).Where(layer => turns[layer] == 0)],
            SlidingWindows = Common.Windows(config, shape.Layers, window, layer => window is not null && turns[layer] != 0),
        };
    }
}
