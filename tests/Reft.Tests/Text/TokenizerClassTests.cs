using System.Text.Json;
using System.Text.Json.Nodes;
using Reft.Text;

namespace Reft.Tests.Text;

/// <summary>Folders without tokenizer.json.</summary>
public sealed class TokenizerClassTests
{
    /// <summary>The expected tokens are those of Hugging Face's own library (tokenizers 0.22.2) on the same vocabulary.</summary>
    [Fact]
    public void Load_Qwen2sVocabularyAndMerges_SplitsAsQwen2()
    {
        var cases = JsonNode.Parse(File.ReadAllText(SharedData.Require("cases", "models", "qwen2-without-tokenizer-json", "expected.json")))!["cases"]!.AsArray();
        var whole = JsonNode.Parse(File.ReadAllText(SharedData.Require("golden", "tokenizers", "qwen3-hf", "tokenizer.json")))!;
        using var folder = new TokenizerFolder();
        folder.Write("vocab.json", whole["model"]!["vocab"]!.ToJsonString());
        folder.Write("merges.txt", "#version: 0.2\n" + string.Concat(whole["model"]!["merges"]!.AsArray()
            .Select(pair => (pair is JsonArray two ? $"{two[0]} {two[1]}" : (string)pair!) + "\n")));
        File.Copy(
            SharedData.Require("cases", "models", "qwen2-without-tokenizer-json", "tokenizer_config.json"),
            Path.Combine(folder.Path, "tokenizer_config.json"));

        var tokenizer = Tokenizer.Load(folder.Path);

        Assert.True(cases.Count >= 5, $"only {cases.Count} cases");
        Assert.All(cases, one => Assert.Equal(
            one!["expected"]!.AsArray().Select(id => (int)id!), tokenizer.Encode((string)one["text"]!, addSpecialTokens: true)));
    }

    [Theory]
    [InlineData("tokenizer.model", "LlamaTokenizer", "has tokenizer.model, a SentencePiece or tiktoken tokenizer of class LlamaTokenizer, and no tokenizer.json")]
    [InlineData("tekken.json", null, "has tekken.json, Mistral's tokenizer, and no tokenizer.json")]
    [InlineData("vocab.txt", "BertTokenizerFast", "has vocab.txt, a WordPiece tokenizer, which models that write text do not have, of class BertTokenizer")]
    [InlineData("vocab.json", "WhisperTokenizer", "has vocab.json, a tokenizer of class WhisperTokenizer")]
    public void Load_AnotherKindsFiles_AreRefusedByNameWithTheWayOut(string file, string? kind, string expected)
    {
        using var folder = new TokenizerFolder().Write(file, "{}")
            .Write("tokenizer_config.json", kind is null ? "{}" : JsonSerializer.Serialize(new { tokenizer_class = kind }));

        var error = Assert.Throws<InputException>(() => Tokenizer.Load(folder.Path));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains("save_pretrained", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_PointerOfGitLfs_SaysHowToFetchTheFile()
    {
        using var folder = new TokenizerFolder().Write("tokenizer.json", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n");

        Assert.Contains("git lfs pull", Assert.Throws<InputException>(() => Tokenizer.Load(folder.Path)).Message, StringComparison.Ordinal);
    }
}
