using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Reft.Text;

namespace Reft.Tests.Text;

public sealed class BpeTrainerTests
{
    private static readonly string[] Texts = ["low low low low low lower lower newest newest newest", "widest 12 12 12"];

    [Fact]
    public void Train_KnownText_LearnsTheMostFrequentPairsFirst()
    {
        using var folder = new TokenizerFolder();

        BpeTrainer.Train(Texts, new BpeTrainerOptions { VocabularySize = 257 + 4 }, folder.Path);

        // Counted by hand: "lo" 7 and "ow" 7, "l" has the lower id; then "low" 7; " low" 6; then "es" 4 before "st" 4.
        Assert.Equal(["l o", "lo w", "Ġ low", "e s"], Merges(folder));
    }

    [Theory]
    [InlineData(true, new[] { "1", "2" })]
    [InlineData(false, new[] { "12" })]
    public void Train_SplitsDigits_DecidesWhetherNumbersMerge(bool splits, string[] expected)
    {
        using var folder = new TokenizerFolder();

        var tokenizer = BpeTrainer.Train(
            ["12 12 12"], new BpeTrainerOptions { VocabularySize = 300, SplitsDigits = splits }, folder.Path);

        Assert.Equal(expected, tokenizer.Encode("12", addSpecialTokens: false).Select(tokenizer.IdToToken));
    }

    [Fact]
    public void Train_MinimumFrequency_StopsBeforeRarePairs()
    {
        using var folder = new TokenizerFolder();

        BpeTrainer.Train(Texts, new BpeTrainerOptions { VocabularySize = 1000, MinimumFrequency = 6 }, folder.Path);

        Assert.Equal(["l o", "lo w", "Ġ low"], Merges(folder));
    }

    [Fact]
    public void Train_TwoPairsOfOneText_KeepTheVocabularyUnique()
    {
        using var folder = new TokenizerFolder();
        var random = new Random(5);
        var text = string.Concat(Enumerable.Range(0, 4000).Select(_ => "ab "[random.Next(3)]));

        var tokenizer = BpeTrainer.Train([text], new BpeTrainerOptions { VocabularySize = 500 }, folder.Path);

        Assert.InRange(tokenizer.VocabularySize, 300, 500);
        Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text, addSpecialTokens: false), skipSpecialTokens: false));
    }

    [Fact]
    public void Train_Twice_GivesTheSameFiles()
    {
        using var first = new TokenizerFolder();
        using var second = new TokenizerFolder();

        BpeTrainer.Train(Texts, new BpeTrainerOptions { VocabularySize = 280 }, first.Path);
        BpeTrainer.Train(Texts, new BpeTrainerOptions { VocabularySize = 280 }, second.Path);

        Assert.Equal(
            File.ReadAllBytes(Path.Combine(first.Path, "tokenizer.json")),
            File.ReadAllBytes(Path.Combine(second.Path, "tokenizer.json")));
    }

    [Fact]
    public void Train_Roles_AreInTheFiles()
    {
        using var folder = new TokenizerFolder();

        var tokenizer = BpeTrainer.Train(Texts, new BpeTrainerOptions
        {
            VocabularySize = 270,
            SpecialTokens = ["<pad>", "<s>", "</s>"],
            BosToken = "<s>",
            EosToken = "</s>",
            PadToken = "<pad>",
        }, folder.Path);

        Assert.Equal((1, 2, 0), (tokenizer.BosId, tokenizer.EosId, tokenizer.PadId));
        Assert.Equal([2, 1], tokenizer.Encode("</s><s>", addSpecialTokens: false));
        Assert.Equal(
            ["special_tokens_map.json", "tokenizer.json", "tokenizer_config.json"],
            Directory.GetFiles(folder.Path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Train_TokenizerJson_HasTheKeysThatTheReferenceWrites()
    {
        var reference = JsonNode.Parse(File.ReadAllText(
            SharedData.Require("golden", "tokenizers", "llama3-hf", "tokenizer.json")))!;
        using var folder = new TokenizerFolder();

        BpeTrainer.Train(Texts, new BpeTrainerOptions { VocabularySize = 280 }, folder.Path);

        var trained = JsonNode.Parse(File.ReadAllText(Path.Combine(folder.Path, "tokenizer.json")))!;
        Assert.Equal(Keys(reference), Keys(trained));
        Assert.Equal(Keys(reference["model"]), Keys(trained["model"]));
        Assert.Equal(Keys(reference["decoder"]), Keys(trained["decoder"]));
        Assert.Equal(Keys(reference["added_tokens"]![0]), Keys(trained["added_tokens"]![0]));

        static IEnumerable<string> Keys(JsonNode? node) => node!.AsObject().Select(pair => pair.Key).Order();
    }

    [Fact]
    public void Train_BadOptions_ListsEveryError()
    {
        var options = new BpeTrainerOptions { VocabularySize = 10, MinimumFrequency = 0, BosToken = "<s>" };

        var error = Assert.Throws<InputException>(() => BpeTrainer.Train([], options, "unused"));

        Assert.Contains("tokenizer.VocabularySize is 10", error.Message, StringComparison.Ordinal);
        Assert.Contains("tokenizer.MinimumFrequency is 0", error.Message, StringComparison.Ordinal);
        Assert.Contains("tokenizer.BosToken is '<s>'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_OfEncode_IsTheText()
    {
        using var folder = new TokenizerFolder();
        var tokenizer = BpeTrainer.Train(Texts, new BpeTrainerOptions { VocabularySize = 290 }, folder.Path);
        var random = new Random(11);

        Check.One(Config.QuickThrowOnFailure.WithQuietOnSuccess(true), Prop.ForAll<string>(text =>
        {
            var wellFormed = string.Concat((text ?? "").EnumerateRunes());
            return RoundTrips(tokenizer, wellFormed);
        }));
        for (var i = 0; i < 500; i++)
        {
            Assert.True(RoundTrips(tokenizer, RandomText.Make(random, i % 40)));
        }
    }

    private static bool RoundTrips(Tokenizer tokenizer, string text)
    {
        var ids = tokenizer.Encode(text, addSpecialTokens: false);
        var stream = tokenizer.Stream(skipSpecialTokens: false);
        var streamed = string.Concat(ids.Select(stream.Append)) + stream.Finish();
        return tokenizer.Decode(ids, skipSpecialTokens: false) == text && streamed == text;
    }

    private static IEnumerable<string?> Merges(TokenizerFolder folder)
        => JsonNode.Parse(File.ReadAllText(Path.Combine(folder.Path, "tokenizer.json")))!["model"]!["merges"]!
            .AsArray().Select(merge => (string?)merge);
}
