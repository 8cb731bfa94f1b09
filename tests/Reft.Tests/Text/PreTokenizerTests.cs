using System.Text.Json;
using Reft.Text;
using Reft.Text.PreTokenizers;

namespace Reft.Tests.Text;

public sealed class PreTokenizerTests
{
    // The expected pieces of the first five are those that the reference documents for this text.
    [Theory]
    [InlineData("Removed", "the|final|countdown")]
    [InlineData("Isolated", "the|-|final|-|-|countdown")]
    [InlineData("MergedWithPrevious", "the-|final-|-|countdown")]
    [InlineData("MergedWithNext", "the|-final|-|-countdown")]
    [InlineData("Contiguous", "the|-|final|--|countdown")]
    public void Apply_Split_TreatsMatchesAsTheBehaviorSays(string behavior, string expected)
        => Assert.Equal(expected, Split(
            $$"""{"type":"Split","pattern":{"String":"-"},"behavior":"{{behavior}}"}""", "the-final--countdown"));

    [Theory]
    [InlineData("""{"type":"Split","pattern":{"Regex":"[a-z]+"},"behavior":"Removed","invert":true}""", "ab-cd!", "ab|cd")]
    [InlineData("""{"type":"Split","pattern":{"Regex":"[a-z]+"},"behavior":"Isolated","invert":true}""", "ab-!cd", "ab|-!|cd")]
    [InlineData("""{"type":"Digits","individual_digits":true}""", "a12\u00bd", "a|1|2|\u00bd")]
    [InlineData("""{"type":"Digits"}""", "a12b3", "a|12|b|3")]
    [InlineData("""{"type":"Whitespace"}""", "don't  stop!!", "don|'|t|stop|!!")]
    [InlineData("""{"type":"WhitespaceSplit"}""", " a\u00a0b\nc! ", "a|b|c!")]
    [InlineData("""{"type":"Punctuation"}""", "a,b+\u201c", "a|,|b|+|\u201c")]
    [InlineData("""{"type":"Punctuation","behavior":"Contiguous"}""", "a,.b", "a|,.|b")]
    [InlineData("""{"type":"BertPreTokenizer"}""", "a b,c", "a|b|,|c")]
    [InlineData("""{"type":"CharDelimiterSplit","delimiter":"/"}""", "a/b", "a|b")]
    [InlineData("""{"type":"Metaspace","replacement":"_","prepend_scheme":"always"}""", "a  b", "_a|_|_b")]
    [InlineData("""{"type":"Metaspace","replacement":"_","prepend_scheme":"always"}""", " a", "_a")]
    [InlineData("""{"type":"Metaspace","replacement":"_","prepend_scheme":"never"}""", "a b", "a|_b")]
    [InlineData("""{"type":"Metaspace","replacement":"_","prepend_scheme":"first","split":false}""", "a b", "_a_b")]
    [InlineData("""{"type":"Metaspace","replacement":"_","add_prefix_space":false}""", "a b", "a|_b")]
    [InlineData("""{"type":"Metaspace","replacement":"_","add_prefix_space":true}""", "a b", "_a|_b")]
    [InlineData("""{"type":"ByteLevel","add_prefix_space":true,"use_regex":true}""", "a é", " a| é")]
    [InlineData("""{"type":"ByteLevel","add_prefix_space":false,"use_regex":false}""", "a b", "a b")]
    [InlineData("""
        {"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},
         {"type":"Metaspace","replacement":"_","prepend_scheme":"first"}]}
        """, "a b", "_a|b")]
    [InlineData("""
        {"type":"Sequence","pretokenizers":[{"type":"ByteLevel","add_prefix_space":false},
         {"type":"Split","pattern":{"String":"Ġ"},"behavior":"Isolated"}]}
        """, "a é", "a|Ġ|Ã©")]
    public void Apply_Component_SplitsText(string json, string text, string expected)
        => Assert.Equal(expected, Split(json, text));

    [Fact]
    public void Apply_MetaspaceFirstInsideText_PutsNothingBefore()
        => Assert.Equal("a|_b", Split(
            """{"type":"Metaspace","replacement":"_","prepend_scheme":"first"}""", "a b", startsInput: false));

    [Fact]
    public void Read_UnknownBehavior_NamesIt()
    {
        var error = Assert.Throws<InputException>(
            () => Read("""{"type":"Split","pattern":{"String":"-"},"behavior":"Dropped"}"""));

        Assert.Contains("pre_tokenizer.behavior is \"Dropped\"", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_RegexOutOfReach_NamesPatternAndReason()
    {
        var error = Assert.Throws<InputException>(
            () => Read("""{"type":"Split","pattern":{"Regex":"\\p{Han}+"},"behavior":"Isolated"}"""));

        Assert.Contains(@"\p{Han}", error.Message, StringComparison.Ordinal);
        Assert.Contains("pre_tokenizer.pattern.Regex", error.Message, StringComparison.Ordinal);
    }

    private static string Split(string json, string text, bool startsInput = true)
    {
        var pieces = new Pieces();
        pieces.Reset(text, startsInput);
        Read(json).Apply(pieces);
        var parts = new List<string>();
        foreach (var range in pieces.Ranges)
        {
            parts.Add(pieces.Text.Substring(range.Start, range.Length));
        }

        return string.Join('|', parts);
    }

    private static IPreTokenizer Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        return PreTokenizerCatalog.Read(new JsonPart("tokenizer.json", "pre_tokenizer", document.RootElement));
    }
}
