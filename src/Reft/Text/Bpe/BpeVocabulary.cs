namespace Reft.Text.Bpe;

/// <summary>The tokens of a BPE model and their ids. An id without a token is null until an added token fills it.</summary>
internal sealed class BpeVocabulary
{
    private readonly Dictionary<string, int> _ids;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _idsBySpan;
    private readonly string?[] _tokens;

    public BpeVocabulary(Dictionary<string, int> ids)
    {
        _ids = ids;
        _idsBySpan = ids.GetAlternateLookup<ReadOnlySpan<char>>();
        _tokens = new string?[ids.Count == 0 ? 0 : ids.Values.Max() + 1];
        foreach (var (token, id) in ids)
        {
            _tokens[id] = token;
        }
    }

    public int Count => _ids.Count;

    /// <summary>One more than the greatest id.</summary>
    public int Length => _tokens.Length;

    /// <summary>The token's id; -1 when it is not in the vocabulary.</summary>
    public int Id(ReadOnlySpan<char> token) => _idsBySpan.TryGetValue(token, out var id) ? id : -1;

    /// <summary>The id's token; null when there is none.</summary>
    public string? Token(int id) => (uint)id < (uint)_tokens.Length ? _tokens[id] : null;
}
