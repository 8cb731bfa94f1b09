using Reft.Text;

namespace Reft.Tests.Text;

public sealed class TokenizerTests
{
    [Theory]
    [InlineData("ab", new[] { 4 })]
    [InlineData("▁ab", new[] { 5, 3 })]
    [InlineData("▁a▁ab", new[] { 5, 5, 3 })]
    [InlineData("a!b", new[] { 2, 6, 3 })]
    [InlineData("xya", new[] { 0, 2 })]
    [InlineData("x!a", new[] { 6, 0, 2 })] // The reference lets bytes overtake a pending unknown token.
    [InlineData("", new int[0])]
    public void Encode_BytePairs_MergesLowestRankFirst(string text, int[] expected)
    {
        using var folder = TokenizerFolder.WithJson();

        Assert.Equal(expected, Tokenizer.Load(folder.Path).Encode(text, addSpecialTokens: false));
    }

    [Fact]
    public void Encode_UnknownNotFused_GivesOneTokenEach()
    {
        using var folder = TokenizerFolder.WithJson(options: """ "unk_token":"<unk>","fuse_unk":false """);

        Assert.Equal([0, 0, 2, 0], Tokenizer.Load(folder.Path).Encode("xya!", addSpecialTokens: false));
    }

    [Fact]
    public void Encode_NoUnknownToken_DropsUnknownCharacters()
    {
        using var folder = TokenizerFolder.WithJson(options: """ "unk_token":null """);

        Assert.Equal([4, 2], Tokenizer.Load(folder.Path).Encode("axb!a", addSpecialTokens: false));
    }

    [Fact]
    public void Encode_IgnoreMerges_TakesWholePieceFirst()
    {
        using var folder = TokenizerFolder.WithJson(
            vocabulary: """{"a":0,"b":1,"ab":2,"ba":3,"aba":4}""",
            merges: """["a b","b a"]""",
            options: """ "ignore_merges":true """);
        var tokenizer = Tokenizer.Load(folder.Path);

        Assert.Equal([4], tokenizer.Encode("aba", addSpecialTokens: false));
        Assert.Equal([2, 2], tokenizer.Encode("abab", addSpecialTokens: false));
    }

    [Fact]
    public void Encode_AffixesOfWords_AreInTheVocabulary()
    {
        using var folder = TokenizerFolder.WithJson(
            vocabulary: """{"a":0,"##b":1,"##b</w>":2,"a</w>":3,"ab</w>":4}""",
            merges: """[["a","##b</w>"]]""",
            options: """ "continuing_subword_prefix":"##","end_of_word_suffix":"</w>" """);
        var tokenizer = Tokenizer.Load(folder.Path);

        Assert.Equal([4], tokenizer.Encode("ab", addSpecialTokens: false));
        Assert.Equal([3], tokenizer.Encode("a", addSpecialTokens: false));
        Assert.Equal([0, 1, 2], tokenizer.Encode("abb", addSpecialTokens: false));
    }

    [Fact]
    public void Load_OldFile_TakesEmptyUnknownTokenAndVersionLine()
    {
        using var folder = TokenizerFolder.WithJson(
            vocabulary: """{"a":0,"b":1,"ab":2}""",
            merges: """["#version: 0.2","a b"]""",
            options: """ "unk_token":"","continuing_subword_prefix":"","end_of_word_suffix":"" """);

        Assert.Equal([2, 0], Tokenizer.Load(folder.Path).Encode("ab?a", addSpecialTokens: false));
    }

    [Fact]
    public void Encode_LoneSurrogate_CountsAsReplacementCharacter()
    {
        using var folder = TokenizerFolder.WithJson(vocabulary: """{"<unk>":0,"a":1,"\uFFFD":2,"😀":3}""", merges: "[]");
        var tokenizer = Tokenizer.Load(folder.Path);

        Assert.Equal([1, 2, 1, 2, 3], tokenizer.Encode("a\ud83da\ude00\ud83d\ude00", addSpecialTokens: false));
        Assert.Equal([1, 2], tokenizer.Encode("a\ud83d", addSpecialTokens: false));
    }

    [Fact]
    public void Encode_LongWord_TakesTheSameMergesAsShortOnes()
    {
        using var folder = TokenizerFolder.WithJson(
            vocabulary: """{"<unk>":0,"a":1,"aa":2,"aaaa":3}""", merges: """["a a","aa aa"]""");

        var ids = Tokenizer.Load(folder.Path).Encode(new string('a', 100_003), addSpecialTokens: false);

        // 50,001 pairs and one left over; of the pairs 25,000 fours and one pair left over.
        Assert.Equal([.. Enumerable.Repeat(3, 25_000), 2, 1], ids);
    }

    [Fact]
    public void Encode_ManyThreads_GivesWhatOneThreadGives()
    {
        using var folder = TokenizerFolder.WithJson();
        var tokenizer = Tokenizer.Load(folder.Path);
        var random = new Random(3);
        var texts = Enumerable.Range(0, 500)
            .Select(_ => string.Concat(Enumerable.Range(0, 20).Select(_ => "ab▁!x"[random.Next(5)]))).ToArray();
        var alone = Tokenizer.Load(folder.Path);
        var expected = texts.Select(text => alone.Encode(text, addSpecialTokens: false)).ToArray();

        Parallel.For(0, 4 * texts.Length, i =>
            Assert.Equal(expected[i % texts.Length], tokenizer.Encode(texts[i % texts.Length], addSpecialTokens: false)));
    }

    [Fact]
    public void Decode_IdWithoutToken_IsLeftOut()
    {
        using var folder = TokenizerFolder.WithJson(stages: """ "decoder":{"type":"Fuse"} """);

        Assert.Equal("aba", Tokenizer.Load(folder.Path).Decode([4, 999, -1, 2], skipSpecialTokens: false));
    }

    [Fact]
    public void Decode_NoDecoder_JoinsBySpaces()
    {
        using var folder = TokenizerFolder.WithJson();

        Assert.Equal("ab a", Tokenizer.Load(folder.Path).Decode([4, 2], skipSpecialTokens: false));
    }

    [Theory]
    [InlineData("""{"type":"Replace","pattern":{"String":"b"},"content":"c"}""", new[] { 4, 3 }, "acc")]
    [InlineData("""{"type":"Strip","content":"a","start":1,"stop":0}""", new[] { 4, 2, 3 }, "bb")]
    [InlineData("""{"type":"Strip","content":"a","start":0,"stop":2}""", new[] { 2, 4 }, "ab")]
    [InlineData("""{"type":"Metaspace","replacement":"▁","prepend_scheme":"always"}""", new[] { 5, 5 }, "a a")]
    [InlineData("""{"type":"Metaspace","replacement":"▁","prepend_scheme":"never"}""", new[] { 5, 5 }, " a a")]
    [InlineData("""{"type":"ByteFallback"}""", new[] { 2, 6, 3 }, "a!b")]
    [InlineData("""{"type":"BPEDecoder","suffix":"b"}""", new[] { 4, 4 }, "a a")]
    [InlineData("""{"type":"ByteLevel"}""", new[] { 5, 2 }, "▁aa")]
    public void Decode_Component_RewritesTokens(string decoder, int[] ids, string expected)
    {
        using var folder = TokenizerFolder.WithJson(stages: $""" "decoder":{decoder} """);

        Assert.Equal(expected, Tokenizer.Load(folder.Path).Decode(ids, skipSpecialTokens: false));
    }

    [Theory]
    [InlineData(new[] { 0, 1, 2 }, "日")]
    [InlineData(new[] { 0, 1 }, "\uFFFD\uFFFD")]
    [InlineData(new[] { 3, 0, 1 }, "\uFFFD\uFFFD\uFFFD")] // '!' is valid, its run is not.
    [InlineData(new[] { 3, 4, 0, 1 }, "!a\uFFFD\uFFFD")]
    public void Decode_ByteFallbackRun_IsTextOrOneReplacementPerByte(int[] ids, string expected)
    {
        using var folder = TokenizerFolder.WithJson(
            vocabulary: """{"<0xE6>":0,"<0x97>":1,"<0xA5>":2,"<0x21>":3,"a":4}""", merges: "[]",
            options: """ "byte_fallback":true """, stages: """ "decoder":{"type":"ByteFallback"} """);

        Assert.Equal(expected, Tokenizer.Load(folder.Path).Decode(ids, skipSpecialTokens: false));
    }

    [Fact]
    public void Stream_BytesOfOneCharacter_WaitsForTheLast()
    {
        using var folder = TokenizerFolder.WithJson(
            vocabulary: """{"<0xE6>":0,"<0x97>":1,"<0xA5>":2,"▁a":3}""", merges: "[]",
            options: """ "byte_fallback":true """,
            stages: """
                "decoder":{"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"▁"},"content":" "},
                {"type":"ByteFallback"},{"type":"Fuse"},{"type":"Strip","content":" ","start":1,"stop":0}]}
                """);
        var stream = Tokenizer.Load(folder.Path).Stream(skipSpecialTokens: false);

        var parts = new[] { 3, 3, 0, 1, 2, 3, 0 }.Select(stream.Append).ToArray();

        Assert.Equal(["a", " a", "", "", "日", " a", ""], parts);
        Assert.Equal("\uFFFD", stream.Finish());
    }

    // "!" stands for a line break before the response, as a token of its byte.
    [Theory]
    [InlineData(new[] { 4, 3 }, new[] { 0, 1, 2 }, "日")]
    [InlineData(new[] { 4, 3 }, new[] { 0, 1 }, "\uFFFD\uFFFD")] // The run is no UTF-8, and the prompt's byte is none of the response's.
    [InlineData(new[] { 3 }, new[] { 0, 4 }, "\uFFFDa")]
    [InlineData(new int[0], new[] { 4, 3 }, "a!")]
    [InlineData(new[] { 4 }, new int[0], "")]
    public void DecodeResponse_ByteTokens_AreTheResponsesOwn(int[] prompt, int[] response, string expected)
    {
        using var folder = TokenizerFolder.WithJson(
            vocabulary: """{"<0xE6>":0,"<0x97>":1,"<0xA5>":2,"<0x21>":3,"a":4}""", merges: "[]",
            options: """ "byte_fallback":true """, stages: """ "decoder":{"type":"ByteFallback"} """);

        Assert.Equal(expected, Tokenizer.Load(folder.Path).DecodeResponse(prompt, response, skipSpecialTokens: false));
    }

    [Fact]
    public void TokenToId_KnownAndUnknown_GivesIdOrNull()
    {
        using var folder = TokenizerFolder.WithJson(added: """[{"id":7,"content":"<x>","special":true}]""");
        var tokenizer = Tokenizer.Load(folder.Path);

        Assert.Equal(4, tokenizer.TokenToId("ab"));
        Assert.Equal(7, tokenizer.TokenToId("<x>"));
        Assert.Null(tokenizer.TokenToId("zz"));
        Assert.Equal("<x>", tokenizer.IdToToken(7));
        Assert.Null(tokenizer.IdToToken(8));
        Assert.Equal(8, tokenizer.VocabularySize);
        Assert.True(tokenizer.IsSpecial(7));
        Assert.False(tokenizer.IsSpecial(4));
    }

    [Fact]
    public void Save_OtherFolder_CarriesEveryFileAlong()
    {
        using var folder = TokenizerFolder.WithJson();
        using var other = new TokenizerFolder();
        folder.Write("tokenizer_config.json", "{}").Write("config.json", "{}");
        var tokenizer = Tokenizer.Load(folder.Path);

        tokenizer.Save(Path.Combine(other.Path, "new"));

        Assert.Equal(["tokenizer.json", "tokenizer_config.json"],
            Directory.GetFiles(Path.Combine(other.Path, "new")).Select(Path.GetFileName).Order());
        Assert.Equal([4], Tokenizer.Load(Path.Combine(other.Path, "new")).Encode("ab", addSpecialTokens: false));
    }

    [Theory]
    [InlineData("tokenizer_config.json", """{"bos_token":"a","eos_token":{"content":"b"},"pad_token":null}""")]
    [InlineData("special_tokens_map.json", """{"bos_token":{"content":"a","lstrip":false},"eos_token":"b"}""")]
    public void Load_SpecialTokensAsTextOrObject_GivesTheirIds(string file, string json)
    {
        using var folder = TokenizerFolder.WithJson().Write(file, json);

        var tokenizer = Tokenizer.Load(folder.Path);

        Assert.Equal((2, 3, null, null), (tokenizer.BosId, tokenizer.EosId, tokenizer.PadId, tokenizer.UnkId));
    }
}
