namespace Reft.Models.Families;

/// <summary>The supported families; one file and one line here add another.</summary>
internal static class ModelFamilies
{
    /// <summary>Every family.</summary>
    public static IReadOnlyList<ModelFamily> All { get; } =
    [
        Llama.Family, Mistral.Family, Qwen2.Family, Qwen3.Family,
        Olmo2.Family, Olmo3.Family, Gemma.Family, Gemma2.Family, Gemma3.Family, SmolLm3.Family, Granite.Family, Phi3.Family, StarCoder2.Family,
        QwenMoe.Qwen2Family, QwenMoe.Qwen3Family, StableLm.Family, Phi.Family, Falcon.Family, Gpt2.Family, Opt.Family, GptNeoX.Family, CodeGen.Family,
    ];

    /// <summary>The supported <c>model_type</c>s, for messages.</summary>
    public static string Names => string.Join(", ", All.Select(f => f.ModelType));

    /// <summary>Finds a family; null if there is none of that name.</summary>
    public static ModelFamily? Find(string modelType) => All.FirstOrDefault(f => f.ModelType == modelType);

    /// <summary>Reads a configuration, and says by which family.</summary>
    public static (ModelFamily Family, DecoderConfig Config) Read(ConfigReader config)
    {
        var type = config.OptionalText("model_type")
            ?? throw new InputException($"{config.File}: 'model_type' is missing: it must be one of {Names}");
        var family = Find(type) ?? throw config.Unsupported("model_type", $"'{type}'", $"one of {Names}");
        if (config.Has("quantization_config"))
        {
            var kind = config.Object("quantization_config")?.OptionalText("quant_method") ?? "unnamed";
            throw config.Unsupported(
                "quantization_config", $"set: the weights are quantised ({OneLine.Of(kind, 40)})",
                "float32, float16 and bfloat16 weights only; take the model that they were made from");
        }

        var read = Check(config, family.Read(config)) with { LatentSlot = config.Flag(LatentSlot.ConfigKey, false) };
        OtherMathematics.RefuseUnread(config, family.ModelType);
        return (family, read);
    }

    private static DecoderConfig Check(ConfigReader config, DecoderConfig read)
    {
        if (read.Heads % read.KeyValueHeads != 0)
        {
            throw new InputException(
                $"{config.File}: {read.Heads} attention heads are no multiple of {read.KeyValueHeads} key/value heads");
        }

        if (read.Rotary is { } rotary && (rotary.Dimensions % 2 != 0 || rotary.Dimensions > read.HeadSize))
        {
            throw new InputException(
                $"{config.File}: {rotary.Dimensions} rotary dimensions do not fit heads of size {read.HeadSize}: " +
                "their number must be even and at most the head size");
        }

        var outside = read.EosTokenIds.Where(id => id >= read.VocabularySize).ToArray();
        return outside.Length == 0
            ? read
            : throw new InputException(
                $"{config.File}: 'eos_token_id' {outside[0]} is outside the vocabulary of {read.VocabularySize}");
    }
}
