namespace Reft.Text.Added;

/// <summary>The added tokens of a tokenizer.</summary>
internal sealed class AddedVocabulary
{
    private readonly Dictionary<int, AddedToken> _byId;
    private readonly Dictionary<string, int> _ids;
    private readonly HashSet<string> _special;

    public AddedVocabulary(IReadOnlyList<AddedToken> tokens)
    {
        Tokens = tokens;
        _byId = tokens.ToDictionary(token => token.Id);
        _ids = tokens.ToDictionary(token => token.Content, token => token.Id);
        _special = [.. tokens.Where(token => token.IsSpecial).Select(token => token.Content)];
        InText = new AddedTokenMatcher(tokens.Where(token => !token.IsNormalized));
        InNormalizedText = new AddedTokenMatcher(tokens.Where(token => token.IsNormalized));
    }

    public IReadOnlyList<AddedToken> Tokens { get; }

    /// <summary>Finds the tokens that are looked for in the text as it was given.</summary>
    public AddedTokenMatcher InText { get; }

    /// <summary>Finds the tokens that are looked for after normalization.</summary>
    public AddedTokenMatcher InNormalizedText { get; }

    /// <summary>The token's id; -1 when it was not added.</summary>
    public int Id(string content) => _ids.GetValueOrDefault(content, -1);

    /// <summary>The added token with the id; null when there is none.</summary>
    public AddedToken? Find(int id) => _byId.GetValueOrDefault(id);

    /// <summary>
    /// Whether decoding without special tokens leaves out this text. It goes by the text that the decoder would see,
    /// as the reference does: a special token whose normalized form differs from its content stays in.
    /// </summary>
    public bool IsSkipped(string form) => _special.Contains(form);
}
