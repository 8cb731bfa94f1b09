using System.Text.Json.Nodes;
using Reft.Models;
using Reft.Models.Families;

namespace Reft.Tests.Models;

/// <summary>Configurations in every spelling, and the one-line errors of wrong ones.</summary>
public sealed class ModelConfigTests
{
    private const string Llama = """
        {"model_type":"llama","vocab_size":32,"hidden_size":16,"num_hidden_layers":2,"num_attention_heads":4,
         "num_key_value_heads":2,"intermediate_size":24,"max_position_embeddings":64}
        """;

    private const string Gpt2 = """{"model_type":"gpt2","vocab_size":32,"n_embd":16,"n_layer":2,"n_head":4}""";

    private const string NeoX = """
        {"model_type":"gpt_neox","vocab_size":32,"hidden_size":16,"num_hidden_layers":2,"num_attention_heads":2,
         "intermediate_size":24,"max_position_embeddings":64}
        """;

    [Theory]
    [InlineData(Llama, """{"model_type":"bert"}""", "'model_type' is 'bert', which is not supported: Reft knows one of llama, mistral")]
    [InlineData(Llama, """{"model_type":7}""", "'model_type' is 7: it must be a text")]
    [InlineData(Llama, """{"model_type":null}""", "'model_type' is missing: it must be one of llama")]
    [InlineData(Llama, """{"hidden_act":"mish"}""", "'hidden_act' is 'mish', which is not supported: Reft knows one of silu")]
    [InlineData(Llama, """{"hidden_size":null}""", "'hidden_size' is missing: it must be a positive whole number")]
    [InlineData(Llama, """{"hidden_size":"16"}""", "'hidden_size' is \"16\": it must be a positive whole number")]
    [InlineData(Llama, """{"hidden_size":-16}""", "'hidden_size' is -16: it must be a positive whole number")]
    [InlineData(Llama, """{"hidden_size":16.5}""", "'hidden_size' is 16.5: it must be a positive whole number")]
    [InlineData(Llama, """{"hidden_size":99999999999}""", "'hidden_size' is 99999999999: it must be a positive whole number")]
    [InlineData(Llama, """{"hidden_size":18}""", "'hidden_size' 18 is no multiple of 4 attention heads")]
    [InlineData(Llama, """{"num_key_value_heads":3}""", "4 attention heads are no multiple of 3 key/value heads")]
    [InlineData(Llama, """{"tie_word_embeddings":1}""", "'tie_word_embeddings' is 1: it must be true or false")]
    [InlineData(Llama, """{"rms_norm_eps":0}""", "'rms_norm_eps' is 0, which is not supported: Reft knows a number greater than 0")]
    [InlineData(Llama, """{"rms_norm_eps":"x"}""", "'rms_norm_eps' is \"x\": it must be a finite number")]
    [InlineData(Llama, """{"head_dim":5}""", "5 rotary dimensions do not fit heads of size 5")]
    [InlineData(Llama, """{"eos_token_id":32}""", "'eos_token_id' 32 is outside the vocabulary of 32")]
    [InlineData(Llama, """{"eos_token_id":[1,"2"]}""", "'eos_token_id' is [1,\"2\"]: it must be a token id or a list of token ids")]
    [InlineData(Llama, """{"torch_dtype":"int8"}""", "'torch_dtype' is 'int8', which is not supported: Reft knows float32")]
    [InlineData(Llama, """{"dtype":"float8"}""", "'dtype' is 'float8', which is not supported")]
    [InlineData(Llama, """{"quantization_config":{"bits":4}}""", "'quantization_config' is set: the weights are quantised (unnamed), which is not supported")]
    [InlineData(Llama, """{"rope_scaling":{"type":"ntk","factor":2}}""", "'rope_scaling.type' is 'ntk', which is not supported: Reft knows default, linear, dynamic, llama3, yarn and longrope")]
    [InlineData(Llama, """{"rope_scaling":{"factor":2}}""", "'rope_scaling.rope_type' is missing")]
    [InlineData(Llama, """{"rope_parameters":{"factor":2}}""", "'rope_parameters.rope_type' is missing")]
    [InlineData(Llama, """{"rope_parameters":{"full_attention":{"rope_type":"default"}}}""", "'rope_parameters.full_attention' is an object, which is not supported")]
    [InlineData(Llama, """{"rope_parameters":{"full_attention":{"rope_type":"default","rope_theta":1},"sliding_attention":{"rope_type":"default","rope_theta":1}}}""", "'rope_parameters.sliding_attention' is {")]
    [InlineData(Llama, """{"rope_parameters":{"full_attention":{"rope_theta":1},"sliding_attention":{}}}""", "'rope_parameters.full_attention.rope_type' is missing")]
    [InlineData(Llama, """{"rope_parameters":{"full_attention":{"rope_type":"default"},"sliding_attention":{}}}""", "'rope_parameters.full_attention.rope_theta' is missing")]
    [InlineData(Llama, """{"rope_scaling":{"rope_type":"default"},"rope_parameters":{"full_attention":{"rope_type":"default"},"sliding_attention":{}}}""", "'rope_scaling' is an object, which is not supported: Reft knows it or rope_parameters, not both")]
    [InlineData(Llama, """{"model_type":"smollm3","no_rope_layers":[1]}""", "'no_rope_layers' names 1 layers, 'num_hidden_layers' is 2")]
    [InlineData(Llama, """{"model_type":"falcon","alibi":true}""", "'alibi' is true, which is not supported")]
    [InlineData(Llama, """{"model_type":"stablelm","qk_layernorm":true}""", "'qk_layernorm' is true, which is not supported")]
    [InlineData(Llama, """{"rope_scaling":{"rope_type":"dynamic","factor":2,"original_max_position_embeddings":4}}""", "'rope_scaling.rope_type' is 'dynamic', which is not supported")]
    [InlineData(Llama, """{"rope_parameters":{"rope_type":"longrope"}}""", "'rope_parameters.original_max_position_embeddings' is missing")]
    [InlineData(Llama, """{"rope_scaling":{"rope_type":"linear"}}""", "'rope_scaling.factor' is missing: it must be a number")]
    [InlineData(Llama, """{"rope_scaling":{"rope_type":"linear","factor":0}}""", "'rope_scaling.factor' is 0, which is not supported")]
    [InlineData(Llama, """{"rope_scaling":{"rope_type":"llama3","factor":8,"low_freq_factor":1,"high_freq_factor":4}}""", "'rope_scaling.original_max_position_embeddings' is missing")]
    [InlineData(Llama, """{"rope_scaling":"linear"}""", "'rope_scaling' is \"linear\": it must be an object or null")]
    [InlineData(Llama, """{"model_type":"mistral","layer_types":["full_attention"]}""", "'layer_types' names 1 layers, 'num_hidden_layers' is 2")]
    [InlineData(Llama, """{"model_type":"qwen3","layer_types":["full_attention","linear_attention"]}""", "'layer_types' is 'linear_attention', which is not supported")]
    [InlineData(Llama, """{"model_type":"qwen2","layer_types":"full_attention"}""", "'layer_types' is \"full_attention\": it must be a list of texts")]
    [InlineData(Llama, """{"model_type":"mistral","sliding_window":0}""", "'sliding_window' is 0: it must be a positive whole number")]
    [InlineData(Llama, """{"clip_qkv":8}""", "'clip_qkv' is 8, which is not supported: Reft knows 'llama' without it, and would compute another model")]
    [InlineData(Llama, """{"final_logit_softcapping":30.0}""", "'final_logit_softcapping' is 30.0, which is not supported: Reft knows 'llama' without it")]
    [InlineData(Llama, """{"model_type":"qwen3","embedding_multiplier":12}""", "'embedding_multiplier' is 12, which is not supported: Reft knows 'qwen3' without it")]
    [InlineData(Llama, """{"model_type":"gemma","attn_logit_softcapping":50}""", "'attn_logit_softcapping' is 50, which is not supported: Reft knows 'gemma' without it")]
    [InlineData(Llama, """{"model_type":"gemma2","query_pre_attn_scalar":0}""", "'query_pre_attn_scalar' is 0, which is not supported")]
    [InlineData(Llama, """{"model_type":"gemma2","final_logit_softcapping":-1}""", "'final_logit_softcapping' is -1, which is not supported")]
    [InlineData(Llama, """{"model_type":"olmo2","num_local_experts":8}""", "'num_local_experts' is 8, which is not supported: Reft knows 'olmo2' without it")]
    [InlineData(Gpt2, """{"rotary_pct":0.25}""", "'rotary_pct' is 0.25, which is not supported: Reft knows 'gpt2' without it")]
    [InlineData(Gpt2, """{"n_head":3}""", "'n_embd' 16 is no multiple of 3 attention heads")]
    [InlineData(Gpt2, """{"add_cross_attention":true}""", "'add_cross_attention' is true, which is not supported: Reft knows false")]
    [InlineData(Gpt2, """{"activation_function":"gelu_python"}""", "'activation_function' is 'gelu_python', which is not supported")]
    [InlineData(Gpt2, """{"model_type":"codegen","n_head":2}""", "'n_head' is 2, which is not supported: Reft knows multiples of 4")]
    [InlineData(NeoX, """{"rotary_pct":1.5}""", "'rotary_pct' is 1.5, which is not supported")]
    public void Read_WrongValue_IsOneLineThatNamesFileKeyAndValue(string config, string change, string expected)
    {
        var error = Assert.Throws<InputException>(() => Read(config, change));

        Assert.StartsWith("config.json: " + expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory]
    [InlineData("""{"rope_theta":5000,"rope_scaling":{"type":"linear","factor":4}}""")]
    [InlineData("""{"rope_theta":5000,"rope_scaling":{"rope_type":"linear","factor":4.0}}""")]
    [InlineData("""{"rope_parameters":{"rope_theta":5000.0,"rope_type":"linear","factor":4}}""")]
    [InlineData("""{"rope_parameters":{"rope_theta":5000,"rope_type":"linear","factor":4},"rope_theta":7,"rope_scaling":null}""")]
    public void Read_EitherSpellingOfRope_IsTheSame(string change)
    {
        var rotary = Read(Llama, change).Rotary!;

        Assert.Equal((5000.0, 4.0), (rotary.Theta, rotary.Scaling!.Factor));
        Assert.Null(rotary.Scaling.Llama3);
        // Linear scaling is the angle of position p / factor.
        var frequencies = RotaryTable.Frequencies(rotary);
        Assert.Equal([0.25, Math.Pow(5000, -0.5) / 4], frequencies.Select(f => (double)f), Near(1e-7));
    }

    [Theory]
    [InlineData("""{"rope_scaling":{"rope_type":"default"}}""")]
    [InlineData("""{"rope_scaling":null}""")]
    [InlineData("""{"rope_parameters":{"rope_type":"default","rope_theta":10000.0}}""")]
    [InlineData("{}")]
    public void Read_DefaultRope_HasNoScaling(string change)
    {
        var rotary = Read(Llama, change).Rotary!;

        Assert.Equal(10_000, rotary.Theta);
        Assert.Null(rotary.Scaling);
    }

    [Theory]
    [InlineData("""{"clip_qkv":null,"num_experts":0,"use_qk_norm":false,"no_rope_layer_interval":0,"logit_scale":1.0,"rotary_pct":1}""")]
    [InlineData("""{"partial_rotary_factor":0.5,"use_cache":true,"pretraining_tp":2,"_attn_implementation":"eager","auto_map":{}}""")]
    public void Read_KeysThatChangeNothingOrAreRead_ArePassedOver(string change) => Assert.Equal("llama", Read(Llama, change).ModelType);

    [Theory]
    [InlineData("olmo2_7b", 32, 128, false, null, null)]
    [InlineData("olmo2_32b", 64, 128, false, null, null)]
    [InlineData("gemma_2b", 18, 256, true, null, null)]
    [InlineData("phi-4", 40, 128, false, null, null)]
    [InlineData("stablelm-2-zephyr-1_6b", 24, 64, false, null, null)]
    [InlineData("SmolLM3-3B", 36, 128, true, null, null)]
    [InlineData("DeepSeek-R1-0528-Qwen3-8B", 36, 128, false, null, null)]
    [InlineData("gemma2_2b", 26, 256, true, 50.0, 30.0)]
    [InlineData("gemma2_9b", 42, 256, true, 50.0, 30.0)]
    [InlineData("gemma2_27b", 46, 128, true, 50.0, 30.0)]
    public void Read_PublishedFiles_HaveTheirShape(string name, int layers, int headSize, bool tied, double? scoreCap, double? logitCap)
    {
        var reader = ConfigReader.Open(SharedData.Require(Path.Combine("cases", "models", "configs-refused", $"{name}.json")));

        var config = ModelFamilies.Read(reader).Config;

        Assert.Equal((layers, headSize, tied, scoreCap, logitCap), (config.Layers, config.HeadSize, config.TieEmbeddings, config.ScoreCap, config.LogitCap));
        Assert.Equal(scoreCap is null ? null : 4096, config.SlidingWindows[0]);
        Assert.Null(config.SlidingWindows[1]);
    }

    [Fact]
    public void Frequencies_Llama3_LeaveShortWavesStretchLongOnesAndBlendBetween()
    {
        var config = new RotaryConfig(64, 500_000, false, new RotaryScaling(8, new Llama3Scaling(1, 4, 8192)));

        var frequencies = RotaryTable.Frequencies(config);

        var kinds = new int[3];
        for (var i = 0; i < 32; i++)
        {
            var plain = Math.Pow(500_000, -i / 32.0);
            var turns = 8192 * plain / (2 * Math.PI); // Full turns within the original context.
            var (kind, expected) = turns > 4 ? (0, plain)
                : turns < 1 ? (1, plain / 8)
                : (2, (plain * (turns - 1) / 3) + (plain / 8 * (4 - turns) / 3));
            kinds[kind]++;
            Assert.Equal(expected, frequencies[i], 1e-6 * expected);
        }

        Assert.All(kinds, count => Assert.True(count > 0));
    }

    [Theory]
    [InlineData(1.0, 1.138629436)]
    [InlineData(0.8782488562869419, 1.0)] // DeepSeek-R1-0528-Qwen3-8B: cosines and sines as they are
    public void Read_YarnsFactor_IsMultiplied(double given, double expected)
    {
        var scaling = Read(Llama, string.Create(System.Globalization.CultureInfo.InvariantCulture,
            $$$"""{"rope_scaling":{"rope_type":"yarn","factor":4,"attn_factor":{{{given}}}}}""")).Rotary!.Scaling!;

        Assert.Equal(expected, scaling.AttentionFactor!.Value, 1e-8); // 1 + 0.1 ln 4
    }

    // As Transformers 5 writes what earlier versions spread over rope_theta, rope_local_base_freq and rope_scaling.
    [Theory]
    [InlineData(
        "gemma3_text", "{ \"rope_type\": \"linear\", \"factor\": 8.0, \"rope_theta\": 1000000 }", "{ \"rope_type\": \"default\", \"rope_theta\": 10000 }")]
    [InlineData(
        "olmo3", "{ \"rope_type\": \"yarn\", \"factor\": 4.0, \"original_max_position_embeddings\": 64, \"rope_theta\": 10000 }",
        "{ \"rope_type\": \"default\", \"rope_theta\": 10000 }")]
    public void Read_RotarySettingsOfEachKindOfLayer_AreThoseOfTheOlderSpelling(string family, string full, string sliding)
    {
        var older = $$"""{ "model_type": "{{family}}", "vocab_size": 32, "eos_token_id": 0, {{ModelFamilies.Find(family)!.Small}} }""";
        var newer = JsonNode.Parse(older)!.AsObject();
        newer.Remove("rope_scaling");
        newer.Remove("rope_theta");
        newer.Remove("rope_local_base_freq");
        newer["rope_parameters"] = new JsonObject { ["full_attention"] = JsonNode.Parse(full), ["sliding_attention"] = JsonNode.Parse(sliding) };

        var (expected, read) = (Read(older, "{}"), Read(newer.ToJsonString(), "{}"));

        Assert.Equal((expected.Rotary, expected.LocalRotary), (read.Rotary, read.LocalRotary));
        Assert.NotEqual(read.Rotary, read.LocalRotary);
    }

    [Fact]
    public void Read_LongRope_KeepsToTheOriginalContext()
    {
        var config = ModelFamilies.Read(ConfigReader.Open(
            SharedData.Require(Path.Combine("cases", "models", "configs-refused", "phi-3_5.json")))).Config;

        Assert.Equal((4096, 48), (config.MaxPositions, config.Rotary!.Scaling!.Divisors!.Count));
        Assert.Equal(Math.Sqrt(1 + (Math.Log(32) / Math.Log(4096))), config.Rotary.Scaling.AttentionFactor!.Value, 1e-12);
    }

    [Theory]
    [InlineData("mistral", "{}", 4096, 4096)]
    [InlineData("mistral", """{"sliding_window":null}""", null, null)]
    [InlineData("mistral", """{"sliding_window":5}""", 5, 5)]
    [InlineData("mistral", """{"sliding_window":5,"layer_types":["full_attention","sliding_attention"]}""", null, 5)]
    [InlineData("llama", """{"sliding_window":5}""", null, null)]
    [InlineData("qwen2", """{"sliding_window":5}""", null, null)]
    [InlineData("qwen2", """{"sliding_window":5,"use_sliding_window":true,"max_window_layers":1}""", null, 5)]
    [InlineData("qwen3", """{"sliding_window":5,"use_sliding_window":true,"max_window_layers":0}""", 5, 5)]
    [InlineData("qwen3", """{"sliding_window":5,"use_sliding_window":true}""", null, null)]
    public void Read_Windows_AreTheFamilys(string family, string change, int? first, int? second)
    {
        var config = JsonNode.Parse(Llama)!.AsObject();
        config["model_type"] = family;

        Assert.Equal([first, second], Read(config.ToJsonString(), change).SlidingWindows);
    }

    [Fact]
    public void Read_SpecialIds_TakeListsNullsAndMinusOne()
    {
        Assert.Equal([3, 4], Read(Llama, """{"eos_token_id":[3,4]}""").EosTokenIds);
        Assert.Equal([3], Read(Llama, """{"eos_token_id":3}""").EosTokenIds);
        Assert.Empty(Read(Llama, """{"eos_token_id":null}""").EosTokenIds);
        Assert.Null(Read(Llama, """{"pad_token_id":-1}""").PadTokenId);
    }

    [Fact]
    public void Open_FilesThatAreNoObjects_AreNamed()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["python.json"], "\uFEFF{\"a\": 1, \"b\": [0.0, Infinity], \"c\": \"NaN, Infinity\"}");
        Assert.Equal(1, ConfigReader.Open(folder["python.json"]).Positive("a"));
        Assert.Contains(
            "'b' is [0.0, \"Infinity\"]: it must be a finite number",
            Assert.Throws<InputException>(() => ConfigReader.Open(folder["python.json"]).Number("b", 0)).Message, StringComparison.Ordinal);
        foreach (var (text, expected) in new[]
        {
            ("", "not valid JSON"), ("{", "not valid JSON"), ("[1]", "expected a JSON object, found Array"),
            ("{\"a\":1,\"a\":2}", "not valid JSON"), (new string('[', 5000), "not valid JSON"), ("\0\u0001", "not valid JSON"),
        })
        {
            File.WriteAllText(folder["config.json"], text);

            var error = Assert.Throws<InputException>(() => ConfigReader.Open(folder["config.json"]));

            Assert.StartsWith($"{folder["config.json"]}: {expected}", error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', error.Message);
        }
    }

    private static Func<double, double, bool> Near(double tolerance) => (a, b) => Math.Abs(a - b) <= tolerance;

    private static DecoderConfig Read(string config, string change)
    {
        var merged = JsonNode.Parse(config)!.AsObject();
        foreach (var (key, value) in JsonNode.Parse(change)!.AsObject())
        {
            merged[key] = value?.DeepClone();
        }

        using var document = System.Text.Json.JsonDocument.Parse(merged.ToJsonString());
        return ModelFamilies.Read(new ConfigReader("config.json", document.RootElement.Clone())).Config;
    }
}
