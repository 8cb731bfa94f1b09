using System.Collections.Concurrent;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Reft.Text;

namespace Reft.Tests.Text;

/// <summary>What Hugging Face's tokenizers library makes of the same strings, recorded in shared/golden/tokenizers.</summary>
public sealed class GoldenTokenizerTests
{
    private static readonly string[] Names =
        ["galactica", "llama2-hf", "llama3-hf", "pythia-neox", "qwen3-hf", "tinystories-656k"];

    /// <summary>Tokenizers do not change and take half a second to load.</summary>
    private static readonly ConcurrentDictionary<string, Tokenizer> Loaded = new();

    public static TheoryData<string> Tokenizers => [.. Names.Union(Folders())];

    [Theory]
    [MemberData(nameof(Tokenizers))]
    public void Encode_GoldenText_GivesTheReferenceIds(string name)
    {
        var (tokenizer, expected) = Load(name);

        foreach (var golden in expected.Cases)
        {
            Assert.Equal(golden.Ids, tokenizer.Encode(golden.Text, addSpecialTokens: false));
            Assert.Equal(golden.IdsWithSpecial, tokenizer.Encode(golden.Text, addSpecialTokens: true));
        }
    }

    [Theory]
    [MemberData(nameof(Tokenizers))]
    public void Decode_GoldenIds_GivesTheReferenceText(string name)
    {
        var (tokenizer, expected) = Load(name);

        foreach (var golden in expected.Cases)
        {
            Assert.Equal(golden.Decoded, tokenizer.Decode(golden.Ids, skipSpecialTokens: false));
            Assert.Equal(golden.DecodedSkipSpecial, tokenizer.Decode(golden.IdsWithSpecial, skipSpecialTokens: true));
        }
    }

    [Theory]
    [MemberData(nameof(Tokenizers))]
    public void Stream_GoldenIds_GivesTheReferenceTextInWholeCharacters(string name)
    {
        var (tokenizer, expected) = Load(name);

        foreach (var golden in expected.Cases)
        {
            var stream = tokenizer.Stream(skipSpecialTokens: false);
            var parts = golden.Ids.Select(stream.Append).ToArray();

            Assert.Equal(golden.Decoded, string.Concat(parts) + stream.Finish());
            Assert.DoesNotContain(parts, part => part.Contains('\uFFFD', StringComparison.Ordinal));
        }
    }

    // The parts of a text that the reference library decoded: prompt and response together are that text, wherever it is cut.
    [Theory]
    [MemberData(nameof(Tokenizers))]
    public void DecodeResponse_GoldenIdsCutAnywhere_GivesTheRestOfTheReferenceText(string name)
    {
        var (tokenizer, expected) = Load(name);

        var cuts = 0;
        foreach (var golden in expected.Cases)
        {
            for (var cut = 0; cut <= golden.Ids.Length; cut++)
            {
                var (prompt, response) = (golden.Ids[..cut], golden.Ids[cut..]);
                var before = tokenizer.Decode(prompt, skipSpecialTokens: false);
                if (!golden.Decoded.StartsWith(before, StringComparison.Ordinal))
                {
                    continue; // Cut inside a character.
                }

                cuts++;
                Assert.Equal(golden.Decoded[before.Length..], tokenizer.DecodeResponse(prompt, response, skipSpecialTokens: false));
                var stream = tokenizer.Stream(skipSpecialTokens: false, prompt);
                Assert.Equal(golden.Decoded[before.Length..], string.Concat(response.Select(stream.Append)) + stream.Finish());
            }
        }

        Assert.InRange(cuts, 2 * expected.Cases.Length, int.MaxValue);
    }

    // What a program's header is followed by: every space counts.
    [Theory]
    [MemberData(nameof(Tokenizers))]
    public void EncodeResponse_TextsAfterAProgramsHeader_ComeBackAsTheyWere(string name)
    {
        var (tokenizer, _) = Load(name);
        var prompt = tokenizer.Encode(
            "Question:\nHow many?\nAnswer reasoning:\ndef solution():\n    \"\"\"How many?\"\"\"\n", addSpecialTokens: false);
        string[] texts =
        [
            "    x = 3\n    return x", "   x = 3", "  x", " x", "x = 3", "\n    x = 3", "\tx = 3", "        return 7", "", " ",
            "    return 'é ∑ 7'\n", "    a = 1_000  # a  b\n\n    return a",
        ];

        // A vocabulary of children's stories lacks '=' and tabs: what it does not know comes back as <unk>, spaces as they were.
        var knowsAll = tokenizer.UnkId is not { } unknown || !tokenizer.Encode(string.Concat(texts), addSpecialTokens: false).Contains(unknown);
        foreach (var text in texts.Where(text => knowsAll || !text.StartsWith('\t')))
        {
            var back = tokenizer.DecodeResponse(prompt, tokenizer.EncodeResponse(prompt, text), skipSpecialTokens: false);

            Assert.Equal(Part(text), Part(back));
        }

        string Part(string text) => knowsAll ? text : text[..^text.TrimStart().Length];
    }

    [Theory]
    [MemberData(nameof(Tokenizers))]
    public void VocabularySize_GoldenTokenizer_IsTheReferenceSize(string name)
    {
        var (tokenizer, expected) = Load(name);

        Assert.Equal(expected.VocabularySize, tokenizer.VocabularySize);
    }

    [Fact]
    public void Decode_OfEncodeWithoutNormalizer_IsTheText()
    {
        var tokenizer = Tokenizer.Load(SharedData.Require("golden", "tokenizers", "llama3-hf"));

        Check.One(Config.QuickThrowOnFailure.WithQuietOnSuccess(true), Prop.ForAll<string>(text =>
        {
            var wellFormed = string.Concat((text ?? "").EnumerateRunes());
            var ids = tokenizer.Encode(wellFormed, addSpecialTokens: false);
            return tokenizer.Decode(ids, skipSpecialTokens: false) == wellFormed;
        }));
    }

    private static (Tokenizer Tokenizer, Golden Expected) Load(string name)
    {
        var folder = SharedData.Require("golden", "tokenizers", name);
        var json = File.ReadAllText(Path.Combine(folder, "expected.json"));
        var golden = JsonSerializer.Deserialize<Golden>(json, SnakeCase);
        Assert.NotNull(golden);
        Assert.NotEmpty(golden.Cases);
        return (Loaded.GetOrAdd(folder, Tokenizer.Load), golden);
    }

    private static IEnumerable<string> Folders()
    {
        var folder = SharedData.Folder is null ? null : Path.Combine(SharedData.Folder, "golden", "tokenizers");
        return Directory.Exists(folder)
            ? Directory.EnumerateDirectories(folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)
            : [];
    }

    private static readonly JsonSerializerOptions SnakeCase =
        new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private sealed record Golden(int VocabularySize, GoldenCase[] Cases);

    private sealed record GoldenCase(
        string Text, int[] Ids, int[] IdsWithSpecial, string Decoded, string DecodedSkipSpecial);
}
