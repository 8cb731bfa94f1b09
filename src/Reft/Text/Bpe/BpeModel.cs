using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;

namespace Reft.Text.Bpe;

/// <summary>Turns pieces of text into tokens by byte-pair encoding. Thread-safe.</summary>
internal sealed class BpeModel : ITokenModel
{
    private const char MetaSpace = '\u2581';

    private readonly MergeTable _merges;
    private readonly BpeOptions _options;
    private readonly WordStart _start;
    private readonly PieceCache _cache = new();
    private readonly int[]? _byteTokens;
    private readonly bool _canCutBeforeMetaSpace;

    public BpeModel(BpeVocabulary vocabulary, MergeTable merges, BpeOptions options, bool mergesAcrossMetaSpace)
    {
        Vocabulary = vocabulary;
        _merges = merges;
        _options = options;
        _start = new WordStart(vocabulary, options);
        _byteTokens = ByteTokens(vocabulary, options);
        _canCutBeforeMetaSpace = !mergesAcrossMetaSpace && !options.HasAffixes && !options.IgnoresMerges
            && vocabulary.Id([MetaSpace]) >= 0;
    }

    /// <inheritdoc/>
    public BpeVocabulary Vocabulary { get; }

    /// <inheritdoc/>
    public void Encode(ReadOnlySpan<char> piece, bool asBytes, List<int> tokens)
    {
        if (!_canCutBeforeMetaSpace || asBytes)
        {
            EncodeWhole(piece, asBytes, tokens);
            return;
        }

        // No merge reaches from another character over to a meta space, so the words between them are independent.
        var start = 0;
        for (var i = 1; i < piece.Length; i++)
        {
            if (piece[i] == MetaSpace && piece[i - 1] != MetaSpace)
            {
                EncodeWhole(piece[start..i], asBytes, tokens);
                start = i;
            }
        }

        EncodeWhole(piece[start..], asBytes, tokens);
    }

    private void EncodeWhole(ReadOnlySpan<char> piece, bool asBytes, List<int> tokens)
    {
        if (piece.Length > PieceCache.LongestPiece)
        {
            EncodeAnew(piece, asBytes, tokens);
            return;
        }

        var known = _cache.Find(piece, out var slot);
        if (known is null)
        {
            var before = tokens.Count;
            EncodeAnew(piece, asBytes, tokens);
            _cache.Store(slot, piece, CollectionsMarshal.AsSpan(tokens)[before..].ToArray());
        }
        else if (known.Length == 1)
        {
            tokens.Add(known[0]);
        }
        else
        {
            tokens.AddRange(known.AsSpan());
        }
    }

    private void EncodeAnew(ReadOnlySpan<char> piece, bool asBytes, List<int> tokens)
    {
        if (_options.IgnoresMerges
            && Vocabulary.Id(asBytes ? ByteAlphabet.Encode(piece) : piece) is >= 0 and var whole)
        {
            tokens.Add(whole);
            return;
        }

        if (asBytes && _byteTokens is not null)
        {
            EncodeBytes(piece, _byteTokens, tokens);
            return;
        }

        var word = asBytes ? ByteAlphabet.Encode(piece) : piece;
        var before = tokens.Count;
        _start.Append(word, tokens);
        var count = WordMerger.Merge(CollectionsMarshal.AsSpan(tokens)[before..], _merges);
        CollectionsMarshal.SetCount(tokens, before + count);
    }

    private void EncodeBytes(ReadOnlySpan<char> piece, int[] byteTokens, List<int> tokens)
    {
        const int LongestOnStack = 256;
        var longest = Encoding.UTF8.GetMaxByteCount(piece.Length);
        byte[]? rented = null;
        var bytes = longest <= LongestOnStack
            ? stackalloc byte[LongestOnStack]
            : rented = ArrayPool<byte>.Shared.Rent(longest);
        var length = Encoding.UTF8.GetBytes(piece, bytes);

        var before = tokens.Count;
        CollectionsMarshal.SetCount(tokens, before + length);
        var word = CollectionsMarshal.AsSpan(tokens)[before..];
        for (var i = 0; i < length; i++)
        {
            word[i] = byteTokens[bytes[i]];
        }

        CollectionsMarshal.SetCount(tokens, before + WordMerger.Merge(word, _merges));
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>The token of each byte; null when a byte has none, or when a word is more than its bytes' tokens.</summary>
    private static int[]? ByteTokens(BpeVocabulary vocabulary, BpeOptions options)
    {
        if (options.HasAffixes)
        {
            return null;
        }

        var tokens = new int[256];
        for (var value = 0; value < tokens.Length; value++)
        {
            tokens[value] = vocabulary.Id([ByteAlphabet.Character((byte)value)]);
        }

        return tokens.Contains(-1) ? null : tokens;
    }
}
