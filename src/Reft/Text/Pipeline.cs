using Reft.Text.Added;
using Reft.Text.Decoders;
using Reft.Text.Normalizers;
using Reft.Text.PostProcessors;
using Reft.Text.PreTokenizers;

namespace Reft.Text;

/// <summary>
/// The stages between text and tokens: added tokens are cut out, the rest is normalized, cut again at the added tokens
/// that are looked for after normalization, split into pieces, and encoded piece by piece. Thread-safe.
/// </summary>
internal sealed class Pipeline(ITokenModel model, AddedVocabulary added)
{
    public ITokenModel Model { get; } = model;

    public AddedVocabulary Added { get; } = added;

    /// <summary>Null when text is taken as it is.</summary>
    public INormalizer? Normalizer { get; init; }

    /// <summary>Null when text is one piece.</summary>
    public IPreTokenizer? PreTokenizer { get; init; }

    public SpecialTokenFrame Frame { get; init; } = SpecialTokenFrame.None;

    /// <summary>Null when tokens are joined by spaces.</summary>
    public IDecoder? Decoder { get; init; }

    public int[] Encode(string text, bool addSpecialTokens)
    {
        var tokens = new List<int>(16 + (text.Length / 3));
        if (addSpecialTokens)
        {
            tokens.AddRange(Frame.Before);
        }

        EncodeText(WellFormedText.From(text), tokens);
        if (addSpecialTokens)
        {
            tokens.AddRange(Frame.After);
        }

        return [.. tokens];
    }

    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens)
    {
        var tokens = new List<string>(ids.Length);
        foreach (var id in ids)
        {
            if (Form(id) is { } form && !(skipSpecialTokens && Added.IsSkipped(form)))
            {
                tokens.Add(form);
            }
        }

        return Decoder is null ? string.Join(' ', tokens) : string.Concat(Decoder.Decode(tokens));
    }

    /// <summary>The token as the vocabulary spells it; null when the id has none.</summary>
    public string? Token(int id) => Added.Find(id)?.Content ?? Model.Vocabulary.Token(id);

    public int? Id(string token)
    {
        var id = Added.Id(token);
        id = id >= 0 ? id : Model.Vocabulary.Id(token);
        return id >= 0 ? id : null;
    }

    /// <summary>The token as decoders see it: an added token that is looked for normalized comes normalized.</summary>
    private string? Form(int id) => Added.Find(id)?.Form ?? Model.Vocabulary.Token(id);

    private void EncodeText(string text, List<int> tokens)
    {
        var segments = new List<Segment>();
        var pieces = new Pieces();
        Added.InText.Find(text, segments);
        foreach (var segment in segments)
        {
            if (segment.Id != Segment.NoToken)
            {
                tokens.Add(segment.Id);
            }
            else
            {
                var part = segment.Of(text);
                EncodeNormalized(Normalizer?.Normalize(part) ?? part, segment.Start == 0, pieces, tokens);
            }
        }
    }

    private void EncodeNormalized(string text, bool startsInput, Pieces pieces, List<int> tokens)
    {
        var segments = new List<Segment>();
        Added.InNormalizedText.Find(text, segments);
        foreach (var segment in segments)
        {
            if (segment.Id != Segment.NoToken)
            {
                tokens.Add(segment.Id);
            }
            else
            {
                pieces.Reset(segment.Of(text), startsInput && segment.Start == 0);
                EncodePieces(pieces, tokens);
            }
        }
    }

    private void EncodePieces(Pieces pieces, List<int> tokens)
    {
        PreTokenizer?.Apply(pieces);
        var text = pieces.Text.AsSpan();
        foreach (var range in pieces.Ranges)
        {
            Model.Encode(text.Slice(range.Start, range.Length), pieces.AreBytes, tokens);
        }
    }
}
