using System.Text.Json;
using System.Text.Json.Nodes;
using Reft.Text;

namespace Reft.Tests.Text;

public sealed class Gpt2FilesTests
{
    [Fact]
    public void Load_VocabularyAndMerges_EncodesAsTheirTokenizerJson()
    {
        var source = SharedData.Require("golden", "tokenizers", "pythia-neox");
        using var folder = new TokenizerFolder();
        var model = JsonNode.Parse(File.ReadAllText(Path.Combine(source, "tokenizer.json")))!["model"]!;
        folder.Write("vocab.json", model["vocab"]!.ToJsonString());
        folder.Write("merges.txt", "#version: 0.2\n" + string.Join('\n', model["merges"]!.AsArray().Select(m => (string)m!)) + "\n");
        var whole = Tokenizer.Load(source);

        var tokenizer = Tokenizer.Load(folder.Path);

        // Pythia adds tokens for runs of spaces, which the two files do not have; without such runs both must agree.
        foreach (var text in new[] { "Natalia sold 48 clips.", "don't naïve 日本語 🙂\n\nx\ty", "<|endoftext|>a" })
        {
            Assert.Equal(whole.Encode(text, addSpecialTokens: false), tokenizer.Encode(text, addSpecialTokens: false));
        }

        Assert.Equal(50_254, tokenizer.VocabularySize);
        Assert.Equal((0, 0, null, 0), (tokenizer.BosId, tokenizer.EosId, tokenizer.PadId, tokenizer.UnkId));
    }

    [Fact]
    public void Load_ConfigurationOfOpt_PutsItsFirstTokenBefore()
    {
        using var folder = Bytes(["<s>", "</s>"], "").Write("tokenizer_config.json",
            """{"add_bos_token":true,"bos_token":{"content":"</s>","normalized":true},"eos_token":"</s>","unk_token":"</s>"}""");
        var tokenizer = Tokenizer.Load(folder.Path);

        Assert.Equal([1, 2 + 'h', 2 + 'i'], tokenizer.Encode("hi", addSpecialTokens: true));
        Assert.Equal([2 + 'h', 1], tokenizer.Encode("h</s>", addSpecialTokens: false));
        Assert.Equal("hi", tokenizer.Decode([1, 2 + 'h', 2 + 'i'], skipSpecialTokens: true));
    }

    [Fact]
    public void Load_AddPrefixSpace_PutsASpaceBefore()
    {
        using var folder = Bytes(["<|endoftext|>"], "").Write("tokenizer_config.json", """{"add_prefix_space":true}""");

        Assert.Equal([1 + ' ', 1 + 'a'], Tokenizer.Load(folder.Path).Encode("a", addSpecialTokens: false));
    }

    [Fact]
    public void Load_SpecialTokenOutsideOfVocabulary_GetsTheNextId()
    {
        using var folder = Bytes([], "").Write("special_tokens_map.json", """{"pad_token":"<pad>"}""")
            .Write("added_tokens.json", """{"<more>":256}""");
        var tokenizer = Tokenizer.Load(folder.Path);

        Assert.Equal([256, 257, 258], tokenizer.Encode("<more><|endoftext|><pad>", addSpecialTokens: false));
        Assert.Equal((257, 258), (tokenizer.EosId, tokenizer.PadId));
    }

    /// <summary>A vocabulary of the given tokens and behind them the 256 bytes in order.</summary>
    private static TokenizerFolder Bytes(string[] first, string merges)
    {
        // Printable Latin-1 stands for itself, the other bytes for U+0100 and on.
        var substitute = 256;
        var bytes = Enumerable.Range(0, 256).Select(value =>
            value is (>= 33 and <= 126) or (>= 161 and <= 172) or >= 174 ? (char)value : (char)substitute++);
        var tokens = first.Concat(bytes.Select(unit => unit.ToString())).ToArray();
        var vocabulary = tokens.Select((token, id) => (token, id)).ToDictionary(pair => pair.token, pair => pair.id);
        return new TokenizerFolder().Write("vocab.json", JsonSerializer.Serialize(vocabulary)).Write("merges.txt", merges);
    }
}
