using System.Text.Json;
using System.Text.Json.Nodes;
using Reft.Evaluation;
using Reft.Models;
using Reft.Models.Families;

namespace Reft.Tests.Models;

/// <summary>No key of config.json is passed over in silence.</summary>
public sealed class ConfigMutationTests
{
    private static readonly string[] _values = ["7", "0.5", "true", "\"other\"", "[1, 2]", "{ \"a\": 1 }"];

    public static TheoryData<string> Families => SmallModels.Families;

    /// <summary>
    /// Every key that a family of Reft reads, or that is known to change some model, put into every family's file: the file is refused, or says
    /// another model, or the family reads it (and may find it without effect), or it is known to change nothing.
    /// </summary>
    [Theory]
    [MemberData(nameof(Families))]
    public void Read_AnyKeyChanged_IsRefusedReadOrHarmless(string family)
    {
        var tried = 0;
        foreach (var key in AllKeys())
        {
            foreach (var value in _values)
            {
                var file = Small(family);
                if (file[key]?.ToJsonString() == value)
                {
                    continue;
                }

                file[key] = JsonNode.Parse(value);
                tried++;
                var reader = Reader(file);
                try
                {
                    ModelFamilies.Read(reader);
                }
                catch (InputException)
                {
                    continue;
                }

                Assert.True(reader.Unread(key) is null || HarmlessKeys.Contains(key), $"{family}: '{key}' = {value} is passed over");
            }
        }

        Assert.True(tried > 500, $"only {tried} files were tried");
    }

    /// <summary>Every number of a family's small file is part of the model, or an error.</summary>
    [Theory]
    [MemberData(nameof(Families))]
    public void Read_AnyNumberDoubled_IsAnotherModel(string family)
    {
        var before = Spell(Small(family));
        foreach (var (key, value) in Small(family).Where(pair => pair.Value is JsonValue number && number.GetValueKind() == JsonValueKind.Number))
        {
            var file = Small(family);
            file[key] = 2 * (double)value! % 1 == 0 ? (long)(2 * (double)value!) : 2 * (double)value!;
            try
            {
                Assert.True(Spell(file) != before, $"{family}: '{key}' doubled is the same model");
            }
            catch (InputException)
            {
                // It is refused.
            }
        }
    }

    [Theory]
    [InlineData("""{ "a_new_key": 3 }""", "'a_new_key' is 3, which Reft does not know of 'llama'")]
    [InlineData("""{ "rope_scaling": { "rope_type": "linear", "factor": 2, "another": true } }""", "'rope_scaling.another' is true, which Reft does not know")]
    public void Read_KeyThatNobodyKnows_IsNamed(string change, string expected)
    {
        var file = Small("llama");
        foreach (var (key, value) in JsonNode.Parse(change)!.AsObject())
        {
            file[key] = value?.DeepClone();
        }

        Assert.Contains(expected, Assert.Throws<InputException>(() => ModelFamilies.Read(Reader(file))).Message, StringComparison.Ordinal);
    }

    /// <summary>No published file of a family that Reft has is refused for a key that says nothing.</summary>
    [Fact]
    public void Read_PublishedFilesOfOurFamilies_AreAccepted()
    {
        var folder = Path.GetDirectoryName(SharedData.Require("cases", "models", "configs-refused", "phi-4.json"))!;
        var read = 0;
        foreach (var file in Directory.EnumerateFiles(folder, "*.json"))
        {
            var config = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
            // One file holds a few keys alone.
            if (ModelFamilies.Find((string?)config["model_type"] ?? "") is not null && config.ContainsKey("num_attention_heads"))
            {
                ModelFamilies.Read(ConfigReader.Open(file));
                read++;
            }
        }

        Assert.True(read >= 12, $"only {read} files were read");
    }

    [Theory]
    [InlineData("llama", """{"is_llama_config": true, "rope_interleaved": false, "transformers.js_config": {"kv_cache_dtype": {"q4f16": "float16"}}}""")]
    [InlineData("phi3", """{"interpolate_factor": 1, "full_attn_mod": 1, "lm_head_bias": false, "mlp_bias": false}""")]
    [InlineData("qwen2", """{"use_mrope": false, "max_window_layers": 21, "use_sliding_window": false, "sliding_window": 32768}""")]
    [InlineData("qwen2_moe", """{"qkv_bias": true, "output_router_logits": false, "router_aux_loss_coef": 0.001, "decoder_sparse_step": 1}""")]
    [InlineData("opt", """{"activation_dropout": 0.0, "prefix": "</s>", "attention_dropout": 0.0}""")]
    public void Read_KeysOfPublishedFilesThatChangeNothing_ArePassedOver(string family, string keys)
    {
        var file = Small(family);
        foreach (var (key, value) in JsonNode.Parse(keys)!.AsObject())
        {
            file[key] = value?.DeepClone();
        }

        ModelFamilies.Read(Reader(file));
    }

    private static IReadOnlyCollection<string> AllKeys()
    {
        var keys = new SortedSet<string>(OtherMathematics.Keys, StringComparer.Ordinal);
        foreach (var family in ModelFamilies.All)
        {
            var reader = Reader(Small(family.ModelType));
            ModelFamilies.Read(reader);
            keys.UnionWith(reader.Asked);
        }

        keys.Remove("model_type");
        return keys;
    }

    private static JsonObject Small(string family) => JsonNode.Parse(
        $$"""{ "model_type": "{{family}}", "vocab_size": 32, {{ModelFamilies.Find(family)!.Small}} }""")!.AsObject();

    private static ConfigReader Reader(JsonObject file)
    {
        using var document = JsonDocument.Parse(file.ToJsonString());
        return new ConfigReader("config.json", document.RootElement.Clone());
    }

    private static string Spell(JsonObject file) => string.Join('\n', ModelHash.Spell(ModelFamilies.Read(Reader(file)).Config, ModelHash.First));
}
