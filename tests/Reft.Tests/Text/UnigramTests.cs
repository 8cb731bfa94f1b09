using System.Text.Json.Nodes;
using Reft.Text;

namespace Reft.Tests.Text;

/// <summary>Unigram models and what goes with them, against Hugging Face's tokenizers (eng/golden/unigram).</summary>
public sealed class UnigramTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Names => [.. Golden().Select(one => (string)one!["name"]!)];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public void Encode_AndDecode_AreTheReferences(string name)
    {
        var golden = Golden().Single(one => (string)one!["name"]! == name)!;
        var tokenizer = Load(golden["tokenizer"]!);

        var cases = golden["cases"]!.AsArray();
        foreach (var one in cases)
        {
            var (text, ids) = ((string)one!["text"]!, one["ids"]!.AsArray().Select(id => (int)id!).ToArray());
            Assert.True(
                ids.SequenceEqual(tokenizer.Encode(text, addSpecialTokens: true)),
                $"'{text}': {string.Join(' ', tokenizer.Encode(text, addSpecialTokens: true))} and not {string.Join(' ', ids)}");
            Assert.Equal((string)one["decoded"]!, tokenizer.Decode(ids, skipSpecialTokens: true));
        }

        Assert.True(cases.Count > 40);
    }

    [Fact]
    public void Encode_NoUnknownToken_IsALineWhereItIsNeeded()
    {
        var json = Golden()[1]!["tokenizer"]!.DeepClone();
        json["model"]!["unk_id"] = null;
        var tokenizer = Load(json);

        Assert.Equal([4], tokenizer.Encode("a", addSpecialTokens: true));
        Assert.Throws<InputException>(() => tokenizer.Encode("z", addSpecialTokens: true));
    }

    [Theory]
    [InlineData("WordPiece")]
    [InlineData("WordLevel")]
    public void Load_OtherModels_AreRefusedByName(string type)
    {
        var json = Golden()[1]!["tokenizer"]!.DeepClone();
        json["model"]!["type"] = type;

        var error = Assert.Throws<InputException>(() => Load(json));

        Assert.Contains(type, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("unk_id", "9999")]
    [InlineData("vocab", "[]")]
    [InlineData("vocab", """[["a",0],["a",-1],["b",0]]""")]
    [InlineData("vocab", """[["a",0],["b"],["c",0]]""")]
    [InlineData("vocab", """{"a":0}""")]
    public void Load_DamagedModels_AreRefused(string key, string value)
    {
        var json = Golden()[1]!["tokenizer"]!.DeepClone();
        json["model"]![key] = JsonNode.Parse(value);

        Assert.Throws<InputException>(() => Load(json));
    }

    [Theory]
    [InlineData("%")]
    [InlineData("")]
    [InlineData("/////w==")]
    public void Load_DamagedMap_IsRefused(string map)
    {
        var json = Golden()[0]!["tokenizer"]!.DeepClone();
        json["normalizer"]!["precompiled_charsmap"] = map;

        Assert.Throws<InputException>(() => Load(json));
    }

    private static JsonArray Golden() =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Text", "Golden", "unigram.json")))!.AsArray();

    private Tokenizer Load(JsonNode json)
    {
        File.WriteAllText(_folder["tokenizer.json"], json.ToJsonString());
        return Tokenizer.Load(_folder.Path);
    }
}
