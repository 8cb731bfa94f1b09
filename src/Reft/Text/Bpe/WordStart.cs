using System.Globalization;
using System.Text;

namespace Reft.Text.Bpe;

/// <summary>The tokens from which the merging of a word starts: one for each character, or what stands in for it.</summary>
internal sealed class WordStart
{
    private readonly BpeVocabulary _vocabulary;
    private readonly BpeOptions _options;
    private readonly int _unknown;

    /// <summary>The fallback token of each byte; -1 for a byte that has none.</summary>
    private readonly int[] _fallback = new int[256];

    public WordStart(BpeVocabulary vocabulary, BpeOptions options)
    {
        _vocabulary = vocabulary;
        _options = options;
        _unknown = options.UnknownToken is null ? -1 : vocabulary.Id(options.UnknownToken);
        for (var value = 0; value < _fallback.Length; value++)
        {
            _fallback[value] = options.FallsBackToBytes
                ? vocabulary.Id(string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>"))
                : -1;
        }
    }

    public void Append(ReadOnlySpan<char> word, List<int> tokens)
    {
        var pendingUnknown = false;
        var position = 0;
        foreach (var rune in word.EnumerateRunes())
        {
            var end = position + rune.Utf16SequenceLength;
            var id = Id(word[position..end], isFirst: position == 0, isLast: end == word.Length);
            position = end;
            if (id >= 0)
            {
                Flush(ref pendingUnknown, tokens);
                tokens.Add(id);
            }
            else if (!TryFallBack(rune, tokens) && _unknown >= 0)
            {
                // A pending unknown waits for the next known character, and bytes in between overtake it: the
                // reference does so.
                if (!_options.FusesUnknown)
                {
                    Flush(ref pendingUnknown, tokens);
                }

                pendingUnknown = true;
            }
        }

        Flush(ref pendingUnknown, tokens);
    }

    private void Flush(ref bool pendingUnknown, List<int> tokens)
    {
        if (pendingUnknown)
        {
            tokens.Add(_unknown);
            pendingUnknown = false;
        }
    }

    private int Id(ReadOnlySpan<char> character, bool isFirst, bool isLast)
    {
        if (!_options.HasAffixes)
        {
            return _vocabulary.Id(character);
        }

        return _vocabulary.Id(
            $"{(isFirst ? "" : _options.ContinuingPrefix)}{character}{(isLast ? _options.EndSuffix : "")}");
    }

    private bool TryFallBack(Rune rune, List<int> tokens)
    {
        if (!_options.FallsBackToBytes)
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[4];
        bytes = bytes[..rune.EncodeToUtf8(bytes)];
        foreach (var value in bytes)
        {
            if (_fallback[value] < 0)
            {
                return false;
            }
        }

        foreach (var value in bytes)
        {
            tokens.Add(_fallback[value]);
        }

        return true;
    }
}
