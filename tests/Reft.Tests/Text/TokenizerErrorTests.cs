using Reft.Text;

namespace Reft.Tests.Text;

/// <summary>Bad input gets one line that names the file, the key, the value found and the way out.</summary>
public sealed class TokenizerErrorTests
{
    [Theory]
    [InlineData("""{"model":{"type":"Unigram","vocab":[]}}""", "model.vocab")]
    [InlineData("""{"model":{"type":"WordPiece","vocab":{}}}""", "model", "'WordPiece'", "BPE")]
    [InlineData("""{"model":{"type":"BPE","merges":[]}}""", "lacks 'model.vocab'")]
    [InlineData("""{"added_tokens":[]}""", "lacks 'model'")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":[],"dropout":0.1}}""", "model.dropout is 0.1")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0,"b":0},"merges":[]}}""", "the id 0", "'a'", "'b'")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0,"a":1},"merges":[]}}""", "'a'", "twice")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0,"b":2},"merges":[]}}""", "no token has the id 1")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":-1},"merges":[]}}""", "'a'", "-1")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":"x"},"merges":[]}}""", "model.vocab['a'] is \"x\"", "an integer")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0,"b":1},"merges":["a b"]}}""", "model.merges[0]", "'ab'")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":["a a a"]}}""", "model.merges[0] is \"a a a\"")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":[["a"]]}}""", "model.merges[0]", "a pair")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":[],"unk_token":"?"}}""", "model.unk_token is \"?\"")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":[],"fuse_unk":1}}""", "model.fuse_unk is 1", "true or false")]
    [InlineData("""{"added_tokens":[{"id":5,"content":"a"}],"model":{"type":"BPE","vocab":{"a":0},"merges":[]}}""",
        "'a'", "the id 5", "has it as 0")]
    [InlineData("""{"added_tokens":[{"id":3,"content":"b"}],"model":{"type":"BPE","vocab":{"a":0},"merges":[]}}""",
        "no token has the id 1")]
    [InlineData("""{"added_tokens":[{"id":0,"content":"b"}],"model":{"type":"BPE","vocab":{"a":0},"merges":[]}}""",
        "'b'", "belongs to 'a'")]
    [InlineData("""{"normalizer":{"type":"Precompiled"},"model":{"type":"BPE","vocab":{"a":0},"merges":[]}}""",
        "normalizer", "precompiled_charsmap")]
    [InlineData("""{"pre_tokenizer":{"type":"UnicodeScripts"},"model":{"type":"BPE","vocab":{"a":0},"merges":[]}}""",
        "pre_tokenizer", "'UnicodeScripts'")]
    [InlineData("""{"pre_tokenizer":{},"model":{"type":"BPE","vocab":{"a":0},"merges":[]}}""", "pre_tokenizer", "no type")]
    [InlineData("""{"decoder":{"type":"CTC"},"model":{"type":"BPE","vocab":{"a":0},"merges":[]}}""", "decoder", "'CTC'")]
    [InlineData("""{"post_processor":{"type":"Odd"},"model":{"type":"BPE","vocab":{"a":0},"merges":[]}}""",
        "post_processor", "'Odd'")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"\ud83d":0},"merges":[]}}""", "not valid Unicode")]
    [InlineData("""[1]""", "the file is [1]", "an object")]
    [InlineData("""{"model":{"type":"BPE","vo""", "not valid JSON at line 1")]
    [InlineData("", "not valid JSON")]
    public void Load_BadJson_NamesFileKeyAndValue(string json, params string[] named)
    {
        using var folder = new TokenizerFolder().Write("tokenizer.json", json);

        var error = Assert.Throws<InputException>(() => Tokenizer.Load(folder.Path));

        AssertOneLine(error, ["tokenizer.json", .. named]);
    }

    [Fact]
    public void Load_NoSuchFolder_NamesIt()
        => AssertOneLine(Assert.Throws<InputException>(() => Tokenizer.Load("no/such/folder")), ["no/such/folder"]);

    [Fact]
    public void Load_EmptyFolder_NamesTheFilesThatItLacks()
    {
        using var folder = new TokenizerFolder();

        var error = Assert.Throws<InputException>(() => Tokenizer.Load(folder.Path));

        AssertOneLine(error, [folder.Path, "tokenizer.json", "vocab.json"]);
    }

    [Fact]
    public void Load_BadConfiguration_NamesIt()
    {
        using var folder = TokenizerFolder.WithJson().Write("tokenizer_config.json", """{"bos_token":5}""");

        var error = Assert.Throws<InputException>(() => Tokenizer.Load(folder.Path));

        AssertOneLine(error, ["tokenizer_config.json", "bos_token is 5"]);
    }

    [Theory]
    [InlineData("""{"a":0,"b":1}""", "#version: 0.2\na b\n", "merges.txt", "'ab'")]
    [InlineData("""{"a":0,"b":1}""", "#version: 0.2\nab\n", "merges.txt", "line 2 is 'ab'")]
    [InlineData("""{"a":0,"b":true}""", "", "vocab.json", "true")]
    [InlineData("""["a"]""", "", "vocab.json", "an object")]
    public void Load_BadVocabularyOrMerges_NamesFileAndValue(string vocabulary, string merges, params string[] named)
    {
        using var folder = new TokenizerFolder().Write("vocab.json", vocabulary).Write("merges.txt", merges);

        AssertOneLine(Assert.Throws<InputException>(() => Tokenizer.Load(folder.Path)), named);
    }

    private static void AssertOneLine(InputException error, string[] named)
    {
        Assert.DoesNotContain('\n', error.Message);
        Assert.All(named, name => Assert.Contains(name, error.Message, StringComparison.Ordinal));
    }
}
