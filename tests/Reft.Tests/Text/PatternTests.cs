using System.Text.Json;
using Reft.Text.Patterns;

namespace Reft.Tests.Text;

/// <summary>Matches against those of Oniguruma 6.9.8, recorded by eng/golden/patterns.py.</summary>
public sealed class PatternTests
{
    private static readonly Lazy<Golden> Recorded = new(Read);

    public static TheoryData<int> Patterns => [.. Enumerable.Range(0, Recorded.Value.Patterns.Length)];

    [Theory]
    [MemberData(nameof(Patterns))]
    public void Find_TranslatedRegex_MatchesAsOniguruma(int index)
    {
        var golden = Recorded.Value.Patterns[index];
        var pattern = new RegexPattern(OnigurumaTranslator.Translate(golden.Pattern));

        AssertMatches(pattern, golden);
    }

    [Theory]
    [InlineData(KnownPatterns.Gpt2)]
    [InlineData(KnownPatterns.Llama3)]
    [InlineData(KnownPatterns.Qwen2)]
    public void Find_HandWrittenScanner_MatchesAsOniguruma(string regex)
    {
        var golden = Assert.Single(Recorded.Value.Patterns, golden => golden.Pattern == regex);
        var scanner = KnownPatterns.Find(regex);

        Assert.NotNull(scanner);
        AssertMatches(scanner, golden);
    }

    [Theory]
    [InlineData(KnownPatterns.Gpt2)]
    [InlineData(KnownPatterns.Llama3)]
    [InlineData(KnownPatterns.Qwen2)]
    public void Find_HandWrittenScanner_MatchesAsTheRegex(string regex)
    {
        var scanner = KnownPatterns.Find(regex);
        var reference = new RegexPattern(OnigurumaTranslator.Translate(regex));
        var random = new Random(7);

        Assert.NotNull(scanner);
        for (var i = 0; i < 20_000; i++)
        {
            var text = RandomText.Make(random, random.Next(1, 16));
            Assert.Equal(Find(reference, text), Find(scanner, text));
        }
    }

    [Theory]
    [InlineData(@"\p{Han}+", @"\p{Han}")]
    [InlineData(@"[a-z&&[^b]]", "&&")]
    [InlineData(@"(?<word>a)", "(?<w")]
    [InlineData(@"a)", "unmatched")]
    [InlineData(@"(a", "unclosed")]
    [InlineData(@"\R", @"\R")]
    [InlineData("[\U0001F600]", "beyond")]
    public void Translate_Unsupported_NamesIt(string regex, string named)
    {
        var error = Assert.Throws<FormatException>(() => OnigurumaTranslator.Translate(regex));

        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    private static void AssertMatches(IPattern pattern, GoldenPattern golden)
    {
        for (var i = 0; i < golden.Matches.Length; i++)
        {
            Assert.Equal(golden.Matches[i], Find(pattern, Recorded.Value.Texts[i]));
        }
    }

    private static int[] Find(IPattern pattern, string text)
    {
        var matches = new List<TextRange>();
        pattern.Find(text, matches);
        return [.. matches.SelectMany(match => new[] { match.Start, match.Length })];
    }

    private static Golden Read()
    {
        var path = Path.Combine(AppContext.BaseDirectory, "Text", "Golden", "patterns.json");
        return JsonSerializer.Deserialize<Golden>(File.ReadAllText(path), JsonSerializerOptions.Web)
            ?? throw new InvalidOperationException("patterns.json is empty");
    }

    private sealed record Golden(string[] Texts, GoldenPattern[] Patterns);

    private sealed record GoldenPattern(string Pattern, int[][] Matches);
}
