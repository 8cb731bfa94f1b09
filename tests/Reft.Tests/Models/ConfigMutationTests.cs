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
