using Reft.Text;

namespace Reft.Tests.Text;

public sealed class AddedTokenTests
{
    private const string Vocabulary = """{"a":0," ":1,"▁":2,"<":3,"x":4,">":5}""";

    [Theory]
    [InlineData("", "a <x> a", new[] { 0, 1, 6, 1, 0 })]
    [InlineData(""" "lstrip":true """, "a  <x> a", new[] { 0, 6, 1, 0 })]
    [InlineData(""" "rstrip":true """, "a <x>  a", new[] { 0, 1, 6, 0 })]
    [InlineData(""" "lstrip":true,"rstrip":true """, "a <x> <x> a", new[] { 0, 6, 6, 0 })]
    [InlineData(""" "single_word":true """, "a<x> <x>a <x>", new[] { 0, 3, 4, 5, 1, 3, 4, 5, 0, 1, 6 })]
    [InlineData(""" "single_word":true """, "<<x>>", new[] { 3, 6, 5 })]
    public void Encode_Flags_DecideWhatBelongsToTheToken(string flags, string text, int[] expected)
    {
        using var folder = Folder($$"""[{"id":6,"content":"<x>","special":true{{(flags.Length > 0 ? "," + flags : "")}}}]""");

        Assert.Equal(expected, Tokenizer.Load(folder.Path).Encode(text, addSpecialTokens: false));
    }

    [Fact]
    public void Encode_TokensThatShareAStart_TakesTheLongest()
    {
        using var folder = Folder("""
            [{"id":6,"content":"<x","special":true},{"id":7,"content":"<x>","special":false,"normalized":false}]
            """);

        Assert.Equal([7, 6, 0], Tokenizer.Load(folder.Path).Encode("<x><xa", addSpecialTokens: false));
    }

    [Theory]
    [InlineData("true", "a<x>a", new[] { 2, 0, 3, 4, 5, 0 }, "▁a<x>a")] // "▁<x>" is looked for, and is not there.
    [InlineData("true", "a <x>a", new[] { 2, 0, 6, 0 }, "▁a▁<x>a")]
    [InlineData("false", "a <x>a", new[] { 2, 0, 2, 6, 2, 0 }, "▁a▁<x>▁a")]
    public void Encode_Normalized_LooksForTheNormalizedFormAndDecodesToIt(
        string normalized, string text, int[] expected, string decoded)
    {
        using var folder = Folder($$"""[{"id":6,"content":"<x>","special":true,"normalized":{{normalized}}}]""", """
            "decoder":{"type":"Fuse"},"normalizer":{"type":"Sequence","normalizers":[
            {"type":"Prepend","prepend":"▁"},{"type":"Replace","pattern":{"String":" "},"content":"▁"}]}
            """);
        var tokenizer = Tokenizer.Load(folder.Path);

        Assert.Equal(expected, tokenizer.Encode(text, addSpecialTokens: false));
        Assert.Equal(decoded, tokenizer.Decode(expected, skipSpecialTokens: false));
    }

    [Fact]
    public void Decode_SkippingSpecial_KeepsThoseWhoseNormalizedFormDiffers()
    {
        using var folder = Folder("""
            [{"id":6,"content":"<x>","special":true,"normalized":true},
             {"id":7,"content":"<y>","special":true,"normalized":false},
             {"id":8,"content":"<z>","special":false,"normalized":false}]
            """, """ "decoder":{"type":"Fuse"},"normalizer":{"type":"Prepend","prepend":"▁"} """);

        Assert.Equal("▁<x>a<z>", Tokenizer.Load(folder.Path).Decode([7, 6, 0, 8, 7], skipSpecialTokens: true));
    }

    [Fact]
    public void Encode_Template_PutsSpecialTokensAroundOnRequest()
    {
        using var folder = Folder("""[{"id":6,"content":"<s>","special":true},{"id":7,"content":"</s>","special":true}]""", """
            "post_processor":{"type":"Sequence","processors":[{"type":"ByteLevel"},{"type":"TemplateProcessing",
            "single":[{"SpecialToken":{"id":"<s>","type_id":0}},{"Sequence":{"id":"A","type_id":0}},
            {"SpecialToken":{"id":"</s>","type_id":0}}],"pair":[],"special_tokens":{
            "<s>":{"id":"<s>","ids":[6],"tokens":["<s>"]},"</s>":{"id":"</s>","ids":[7],"tokens":["</s>"]}}}]}
            """);
        var tokenizer = Tokenizer.Load(folder.Path);

        Assert.Equal([6, 0, 7], tokenizer.Encode("a", addSpecialTokens: true));
        Assert.Equal([0], tokenizer.Encode("a", addSpecialTokens: false));
    }

    [Fact]
    public void Encode_RobertaProcessing_PutsClsAndSepAround()
    {
        using var folder = Folder("[]", """ "post_processor":{"type":"RobertaProcessing","sep":["x",4],"cls":["<",3]} """);

        Assert.Equal([3, 0, 4], Tokenizer.Load(folder.Path).Encode("a", addSpecialTokens: true));
    }

    private static TokenizerFolder Folder(string added, string stages = """ "normalizer":null """)
        => TokenizerFolder.WithJson(Vocabulary, "[]", """ "unk_token":null """, added, stages);
}
