using System.Text.Json;
using Reft.Text;
using Reft.Text.Normalizers;

namespace Reft.Tests.Text;

public sealed class NormalizerTests
{
    private static readonly string[] Forms = ["NFC", "NFD", "NFKC", "NFKD"];

    [Theory]
    [InlineData("NFC")]
    [InlineData("NFD")]
    [InlineData("NFKC")]
    [InlineData("NFKD")]
    public void Normalize_UnicodeForm_GivesWhatPythonGives(string form)
    {
        var path = Path.Combine(AppContext.BaseDirectory, "Text", "Golden", "normalization.json");
        var rows = JsonSerializer.Deserialize<string[][]>(File.ReadAllText(path));
        var normalizer = Read($$"""{"type":"{{form}}"}""");

        Assert.NotNull(rows);
        foreach (var row in rows)
        {
            Assert.Equal(row[1 + Array.IndexOf(Forms, form)], normalizer.Normalize(row[0]));
        }
    }

    [Theory]
    [InlineData("NFC", "e\u0301", "\u00e9")]
    [InlineData("NFC", "\u1112\u1161\u11ab\u1100\u116e\u11a8", "\ud55c\uad6d")]
    [InlineData("NFC", "a\u0307\u0323", "\u1ea1\u0307")]
    [InlineData("NFD", "\ud55c", "\u1112\u1161\u11ab")]
    [InlineData("NFKC", "\ufb01\u00bd\u00a0\u2460", "fi1\u20442 1")]
    [InlineData("NFKC", "\U0001d400", "A")]
    public void Normalize_KnownExample_IsAsInTheStandard(string form, string text, string expected)
        => Assert.Equal(expected, Read($$"""{"type":"{{form}}"}""").Normalize(text));

    [Fact]
    public void Normalize_CharacterYoungerThanTheTables_Stays()
        => Assert.Equal("\u32ff", Read("""{"type":"NFKC"}""").Normalize("\u32ff"));

    [Theory]
    [InlineData("""{"type":"Lowercase"}""", "ÀB\u0130Σ\U00010400", "àbi\u0307σ\U00010428")]
    [InlineData("""{"type":"StripAccents"}""", "e\u0301a\u20dd", "ea")]
    [InlineData("""{"type":"Strip","strip_left":true,"strip_right":false}""", " \n x ", "x ")]
    [InlineData("""{"type":"Strip","strip_left":false,"strip_right":true}""", " x\u00a0", " x")]
    [InlineData("""{"type":"Replace","pattern":{"String":" "},"content":"_"}""", "a b", "a_b")]
    [InlineData("""{"type":"Replace","pattern":{"Regex":" {2,}"},"content":"$1"}""", "a   b c", "a$1b c")]
    [InlineData("""{"type":"Prepend","prepend":"_"}""", "a", "_a")]
    [InlineData("""{"type":"Prepend","prepend":"_"}""", "", "")]
    [InlineData("""{"type":"ByteLevel"}""", " é\n", "ĠÃ©Ċ")]
    [InlineData("""{"type":"Sequence","normalizers":[{"type":"NFD"},{"type":"StripAccents"},{"type":"Lowercase"}]}""",
        "É", "e")]
    public void Normalize_Component_RewritesText(string json, string text, string expected)
        => Assert.Equal(expected, Read(json).Normalize(text));

    [Fact]
    public void Read_UnknownType_NamesIt()
    {
        var error = Assert.Throws<InputException>(() => Read("""{"type":"Umlaut"}"""));

        Assert.Contains("'Umlaut'", error.Message, StringComparison.Ordinal);
        Assert.Contains("tokenizer.json: normalizer", error.Message, StringComparison.Ordinal);
    }

    private static INormalizer Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        return NormalizerCatalog.Read(new JsonPart("tokenizer.json", "normalizer", document.RootElement));
    }
}
