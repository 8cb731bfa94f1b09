using System.Text;
using Reft.Text.Patterns;

namespace Reft.Text.PreTokenizers;

/// <summary>Makes the pre-tokenizer that a tokenizer.json describes.</summary>
internal static class PreTokenizerCatalog
{
    private const string Supported = "ByteLevel, Split, Digits, Whitespace, WhitespaceSplit, Punctuation, Metaspace, "
        + "BertPreTokenizer, CharDelimiterSplit, Sequence";

    private static readonly CharacterPattern WhiteSpaces = new(Rune.IsWhiteSpace);
    private static readonly CharacterPattern Punctuation = new(CharacterClasses.IsPunctuation);
    private static readonly CharacterPattern Digits = new(CharacterClasses.IsNumeric);

    public static IPreTokenizer Read(JsonPart part) => part.TextOrNull("type") switch
    {
        "ByteLevel" => new ByteLevelPreTokenizer(part.Flag("add_prefix_space", true), part.Flag("use_regex", true)),
        "Split" => new SplitPreTokenizer(
            PatternReader.Read(part.Get("pattern")), Behavior(part.Get("behavior")), part.Flag("invert", false)),
        "Digits" => new SplitPreTokenizer(
            Digits,
            part.Flag("individual_digits", false) ? SplitBehavior.Isolated : SplitBehavior.Contiguous),
        "Whitespace" => new SplitPreTokenizer(new WordPattern(), SplitBehavior.Removed, inverts: true),
        "WhitespaceSplit" => new SplitPreTokenizer(WhiteSpaces, SplitBehavior.Removed),
        "Punctuation" => new SplitPreTokenizer(
            Punctuation, part.Find("behavior") is { } behavior ? Behavior(behavior) : SplitBehavior.Isolated),
        "BertPreTokenizer" => new PreTokenizerSequence(
        [
            new SplitPreTokenizer(WhiteSpaces, SplitBehavior.Removed),
            new SplitPreTokenizer(Punctuation, SplitBehavior.Isolated),
        ]),
        "CharDelimiterSplit" => new SplitPreTokenizer(
            new LiteralPattern(MetaspaceReader.OneCharacter(part.Get("delimiter"))), SplitBehavior.Removed),
        "Metaspace" => new MetaspacePreTokenizer(
            MetaspaceReader.OneCharacter(part.Get("replacement")),
            MetaspaceReader.Scheme(part),
            part.Flag("split", true)),
        "Sequence" => new PreTokenizerSequence([.. part.Get("pretokenizers").Items().Select(Read)]),
        _ => throw part.Unsupported("pre-tokenizer", Supported),
    };

    private static SplitBehavior Behavior(JsonPart part)
        => Enum.TryParse<SplitBehavior>(part.AsText(), out var behavior) && Enum.IsDefined(behavior)
            ? behavior
            : throw part.Unexpected("one of " + string.Join(", ", Enum.GetNames<SplitBehavior>()));
}
