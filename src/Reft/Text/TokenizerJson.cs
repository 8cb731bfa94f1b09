using Reft.Text.Added;
using Reft.Text.Bpe;
using Reft.Text.Decoders;
using Reft.Text.Normalizers;
using Reft.Text.PostProcessors;
using Reft.Text.PreTokenizers;
using Reft.Text.Unigram;

namespace Reft.Text;

/// <summary>
/// Reads tokenizer.json. Its truncation and padding are left aside, as Transformers does: both are the caller's to ask
/// for.
/// </summary>
internal static class TokenizerJson
{
    public static Pipeline Read(string path, SpecialTokenNames names)
    {
        using var document = JsonFile.Open(path);
        var root = JsonFile.Root(document, path);
        var described = root.Get("model");
        ITokenModel model = described.TextOrNull("type") == UnigramReader.Name ? UnigramReader.Read(described) : BpeReader.Read(described);
        var normalizer = root.Find("normalizer") is { } normalizing ? NormalizerCatalog.Read(normalizing) : null;
        var added = new AddedTokenList(model.Vocabulary, normalizer, path);
        foreach (var token in root.Find("added_tokens")?.Items() ?? [])
        {
            added.Read(token);
        }

        var vocabulary = added.Finish();
        var frame = root.Find("post_processor") is { } framing ? PostProcessorReader.Read(framing) : SpecialTokenFrame.None;
        return new Pipeline(model, vocabulary)
        {
            Normalizer = normalizer,
            PreTokenizer = root.Find("pre_tokenizer") is { } splitting ? PreTokenizerCatalog.Read(splitting) : null,
            Frame = ConfiguredFrame.Of(frame, names, content =>
                vocabulary.Id(content) is >= 0 and var own ? own : model.Vocabulary.Id(content) is >= 0 and var known ? known : null),
            Decoder = root.Find("decoder") is { } decoding ? DecoderCatalog.Read(decoding) : null,
        };
    }
}
