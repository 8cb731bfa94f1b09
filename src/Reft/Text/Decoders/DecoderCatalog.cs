using Reft.Text.Patterns;
using Reft.Text.PreTokenizers;

namespace Reft.Text.Decoders;

/// <summary>Makes the decoder that a tokenizer.json describes.</summary>
internal static class DecoderCatalog
{
    private const string Supported = "ByteLevel, Replace, ByteFallback, Fuse, Strip, Metaspace, BPEDecoder, Sequence";

    public static IDecoder Read(JsonPart part) => part.TextOrNull("type") switch
    {
        "ByteLevel" => new ByteLevelDecoder(),
        "Replace" => new ReplaceDecoder(PatternReader.Read(part.Get("pattern")), part.Text("content")),
        "ByteFallback" => new ByteFallbackDecoder(),
        "Fuse" => new FuseDecoder(),
        "Strip" => new StripDecoder(
            MetaspaceReader.OneCharacter(part.Get("content")), part.Integer("start", 0), part.Integer("stop", 0)),
        "Metaspace" => new MetaspaceDecoder(
            MetaspaceReader.OneCharacter(part.Get("replacement")),
            MetaspaceReader.Scheme(part) != PrependScheme.Never),
        "BPEDecoder" => new SuffixDecoder(part.TextOrNull("suffix") ?? "</w>"),
        "Sequence" => new DecoderSequence([.. part.Get("decoders").Items().Select(Read)]),
        _ => throw part.Unsupported("decoder", Supported),
    };
}
