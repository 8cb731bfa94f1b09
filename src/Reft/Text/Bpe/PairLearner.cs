using System.Runtime.InteropServices;
using System.Text;

namespace Reft.Text.Bpe;

/// <summary>
/// Learns merges: again and again the most frequent pair of neighbouring tokens becomes a token. Among pairs of the same
/// frequency the one with the lowest left id goes first, then the lowest right id.
/// </summary>
internal sealed class PairLearner
{
    private readonly List<int[]> _words = [];
    private readonly List<int> _lengths = [];
    private readonly List<int> _frequencies = [];
    private readonly Dictionary<(int Left, int Right), int> _counts = [];
    private readonly Dictionary<(int Left, int Right), HashSet<int>> _places = [];
    private readonly PriorityQueue<(int Left, int Right, int Count), (int NegatedCount, int Left, int Right)> _queue = new();
    private readonly List<string> _tokens;
    private readonly int _firstByte;
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);

    /// <param name="words">The words and how often each occurs.</param>
    /// <param name="tokens">The special tokens and behind them the 256 bytes; learning adds to the list.</param>
    public PairLearner(IReadOnlyDictionary<string, int> words, List<string> tokens)
    {
        _tokens = tokens;
        _firstByte = tokens.Count - 256;
        for (var id = 0; id < tokens.Count; id++)
        {
            _ids.TryAdd(tokens[id], id);
        }

        foreach (var (word, frequency) in words)
        {
            var parts = Array.ConvertAll(Encoding.UTF8.GetBytes(word), value => _firstByte + value);
            _words.Add(parts);
            _lengths.Add(parts.Length);
            _frequencies.Add(frequency);
            for (var i = 0; i + 1 < parts.Length; i++)
            {
                Change((parts[i], parts[i + 1]), frequency, _words.Count - 1);
            }
        }

        foreach (var pair in _counts.Keys)
        {
            Enqueue(pair);
        }
    }

    /// <summary>Learns until there are so many tokens. The merges come in the order in which they apply.</summary>
    public List<MergePair> Learn(int vocabularySize, int minimumFrequency)
    {
        var learnt = new List<MergePair>(vocabularySize);
        while (_tokens.Count < vocabularySize && _queue.TryDequeue(out var top, out _))
        {
            var pair = (top.Left, top.Right);
            var count = _counts[pair];
            if (count != top.Count)
            {
                // The count changed since the pair was queued.
                Enqueue(pair);
                continue;
            }

            if (count < minimumFrequency)
            {
                break;
            }

            if (TokenFor(pair) is { } token)
            {
                learnt.Add(new MergePair(_tokens[pair.Left], _tokens[pair.Right]));
                Merge(pair, token);
            }
        }

        return learnt;
    }

    /// <summary>
    /// The pair's token, which is not new when another pair made the same text before. Null when the text is that of a
    /// special token, which must not come out of ordinary text.
    /// </summary>
    private int? TokenFor((int Left, int Right) pair)
    {
        var text = _tokens[pair.Left] + _tokens[pair.Right];
        if (_ids.TryGetValue(text, out var known))
        {
            return known < _firstByte ? null : known;
        }

        _ids.Add(text, _tokens.Count);
        _tokens.Add(text);
        return _tokens.Count - 1;
    }

    private void Merge((int Left, int Right) pair, int token)
    {
        var grown = new HashSet<(int, int)>();
        _places.Remove(pair, out var places);
        foreach (var word in places ?? [])
        {
            MergeInWord(word, pair, token, grown);
        }

        foreach (var other in grown)
        {
            Enqueue(other);
        }
    }

    private void MergeInWord(int word, (int Left, int Right) pair, int token, HashSet<(int, int)> grown)
    {
        var tokens = _words[word];
        var length = _lengths[word];
        var frequency = _frequencies[word];
        var kept = 0;
        for (var i = 0; i < length; i++)
        {
            if (i + 1 >= length || tokens[i] != pair.Left || tokens[i + 1] != pair.Right)
            {
                tokens[kept++] = tokens[i];
                continue;
            }

            Change(pair, -frequency, word);
            if (kept > 0)
            {
                Change((tokens[kept - 1], pair.Left), -frequency, word);
                Change((tokens[kept - 1], token), frequency, word);
                grown.Add((tokens[kept - 1], token));
            }

            i++;
            if (i + 1 < length)
            {
                Change((pair.Right, tokens[i + 1]), -frequency, word);
                Change((token, tokens[i + 1]), frequency, word);
                grown.Add((token, tokens[i + 1]));
            }

            tokens[kept++] = token;
        }

        _lengths[word] = kept;
    }

    private void Change((int Left, int Right) pair, int difference, int word)
    {
        CollectionsMarshal.GetValueRefOrAddDefault(_counts, pair, out _) += difference;
        if (difference > 0)
        {
            ref var places = ref CollectionsMarshal.GetValueRefOrAddDefault(_places, pair, out _);
            (places ??= []).Add(word);
        }
    }

    private void Enqueue((int Left, int Right) pair)
    {
        var count = _counts[pair];
        if (count > 0)
        {
            _queue.Enqueue((pair.Left, pair.Right, count), (-count, pair.Left, pair.Right));
        }
    }
}
