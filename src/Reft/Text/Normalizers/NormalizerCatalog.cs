using Reft.Text.Patterns;

namespace Reft.Text.Normalizers;

/// <summary>Makes the normalizer that a tokenizer.json describes.</summary>
internal static class NormalizerCatalog
{
    private const string Supported =
        "NFC, NFD, NFKC, NFKD, Lowercase, StripAccents, Strip, Replace, Prepend, ByteLevel, Precompiled, Nmt, Sequence";

    public static INormalizer Read(JsonPart part) => part.TextOrNull("type") switch
    {
        "NFC" => new UnicodeForm(decomposesOnly: false, compatible: false),
        "NFD" => new UnicodeForm(decomposesOnly: true, compatible: false),
        "NFKC" => new UnicodeForm(decomposesOnly: false, compatible: true),
        "NFKD" => new UnicodeForm(decomposesOnly: true, compatible: true),
        "Lowercase" => new LowercaseNormalizer(),
        "StripAccents" => new StripAccentsNormalizer(),
        "Strip" => new StripNormalizer(part.Flag("strip_left", true), part.Flag("strip_right", true)),
        "Replace" => new ReplaceNormalizer(PatternReader.Read(part.Get("pattern")), part.Text("content")),
        "Prepend" => new PrependNormalizer(part.Text("prepend")),
        "ByteLevel" => new ByteLevelNormalizer(),
        "Precompiled" => CharsmapNormalizer.Read(part.Get("precompiled_charsmap")),
        "Nmt" => new TranslationNormalizer(),
        "Sequence" => new NormalizerSequence([.. part.Get("normalizers").Items().Select(Read)]),
        _ => throw part.Unsupported("normalizer", Supported),
    };
}
