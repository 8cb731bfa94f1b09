using System.Globalization;
using System.Text;
using Reft.Text.Bpe;

namespace Reft.Text.Unigram;

/// <summary>
/// SentencePiece's unigram model (<see href="https://arxiv.org/abs/1804.10959"/>): a piece becomes the tokens whose log-probabilities add up to
/// the most. A character that no token begins with is unknown; neighbouring unknown ones are one token, or the tokens of their bytes.
/// </summary>
internal sealed class UnigramModel : ITokenModel
{
    /// <summary>How much less likely an unknown character is than the least likely token.</summary>
    private const double UnknownPenalty = 10;

    private const int Root = 0;

    private readonly double[] _scores;
    private readonly double _unknownScore;
    private readonly int? _unknown;
    private readonly int[]? _byteTokens;
    private readonly Dictionary<(int Node, char Unit), int> _children = [];
    private readonly List<int> _ends = [-1]; // a node's token; -1 for none

    /// <summary>Makes a model.</summary>
    /// <param name="vocabulary">The tokens.</param>
    /// <param name="scores">Their log-probabilities, by id.</param>
    /// <param name="unknown">The token of what is unknown; null where everything is known.</param>
    /// <param name="fallsBackToBytes">Whether unknown text becomes the tokens of its bytes.</param>
    public UnigramModel(BpeVocabulary vocabulary, double[] scores, int? unknown, bool fallsBackToBytes)
    {
        Vocabulary = vocabulary;
        _scores = scores;
        _unknown = unknown;
        _unknownScore = scores.Min() - UnknownPenalty;
        int[] bytes = [.. Enumerable.Range(0, 256).Select(value => vocabulary.Id(string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>")))];
        _byteTokens = fallsBackToBytes && !bytes.Contains(-1) ? bytes : null;
        for (var id = 0; id < scores.Length; id++)
        {
            Add(vocabulary.Token(id)!, id); // Every id has a token.
        }
    }

    /// <inheritdoc/>
    public BpeVocabulary Vocabulary { get; }

    /// <inheritdoc/>
    public void Encode(ReadOnlySpan<char> piece, bool asBytes, List<int> tokens)
    {
        var text = asBytes ? ByteAlphabet.Encode(piece) : piece;
        var best = new Step[text.Length + 1];
        for (var start = 0; start < text.Length;)
        {
            Rune.DecodeFromUtf16(text[start..], out _, out var length);
            var isCovered = false;
            var node = Root;
            for (var end = start; end < text.Length && _children.TryGetValue((node, text[end]), out node);)
            {
                end++;
                if (_ends[node] is >= 0 and var id)
                {
                    best[end].Reach(start, id, best[start].Score + _scores[id]);
                    isCovered |= end - start == length;
                }
            }

            if (!isCovered)
            {
                best[start + length].Reach(start, Unknown, best[start].Score + _unknownScore);
            }

            start += length;
        }

        AddPath(text, best, tokens);
    }

    private int Unknown => _unknown ?? throw new InputException("a text has a character that is no token, and the tokenizer's 'unk_id' is null");

    private void Add(string token, int id)
    {
        var node = Root;
        foreach (var unit in token)
        {
            if (!_children.TryGetValue((node, unit), out var next))
            {
                next = _ends.Count;
                _ends.Add(-1);
                _children.Add((node, unit), next);
            }

            node = next;
        }

        if (node != Root)
        {
            _ends[node] = id;
        }
    }

    private void AddPath(ReadOnlySpan<char> text, Step[] best, List<int> tokens)
    {
        var path = new List<(int Start, int End, int Id)>();
        for (var end = text.Length; end > 0; end = best[end].Start)
        {
            var step = best[end];
            if (step.Id == _unknown && path.Count > 0 && path[^1].Id == _unknown)
            {
                path[^1] = path[^1] with { Start = step.Start };
            }
            else
            {
                path.Add((step.Start, end, step.Id));
            }
        }

        for (var i = path.Count - 1; i >= 0; i--)
        {
            var (start, end, id) = path[i];
            if (id != _unknown)
            {
                tokens.Add(id);
            }
            else
            {
                AddUnknown(text[start..end], tokens);
            }
        }
    }

    private void AddUnknown(ReadOnlySpan<char> text, List<int> tokens)
    {
        if (Vocabulary.Id(text) is >= 0 and var known)
        {
            tokens.Add(known);
        }
        else if (_byteTokens is null)
        {
            tokens.Add(Unknown);
        }
        else
        {
            foreach (var value in Encoding.UTF8.GetBytes(text.ToString()))
            {
                tokens.Add(_byteTokens[value]);
            }
        }
    }

    /// <summary>The best way to a place in the text.</summary>
    private struct Step
    {
        private bool _isReached;

        public int Start { get; private set; }

        public int Id { get; private set; }

        public double Score { get; private set; }

        public void Reach(int start, int id, double score)
        {
            if (!_isReached || score > Score)
            {
                (_isReached, Start, Id, Score) = (true, start, id, score);
            }
        }
    }
}
