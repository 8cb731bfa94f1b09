using Reft.Text.Bpe;
using Reft.Text.Normalizers;

namespace Reft.Text.Added;

/// <summary>Collects added tokens, checks their ids against the vocabulary, and gives ids to those that have none.</summary>
internal sealed class AddedTokenList(BpeVocabulary vocabulary, INormalizer? normalizer, string file)
{
    private readonly Dictionary<string, AddedToken> _byContent = new(StringComparer.Ordinal);
    private readonly Dictionary<int, AddedToken> _byId = [];

    /// <summary>Reads an entry of added_tokens.</summary>
    public void Read(JsonPart part)
        => Add(ReadFlags(part, part.Get("id").AsInteger(), part.Text("content"), isSpecial: false));

    /// <summary>Reads the flags of a token; absent ones are off, but for normalized, which is the contrary of special.</summary>
    public static AddedToken ReadFlags(JsonPart part, int id, string content, bool isSpecial)
    {
        var special = part.Flag("special", isSpecial);
        return new AddedToken(id, content)
        {
            IsSpecial = special,
            IsNormalized = part.Flag("normalized", !special),
            IsSingleWord = part.Flag("single_word", false),
            TakesSpaceBefore = part.Flag("lstrip", false),
            TakesSpaceAfter = part.Flag("rstrip", false),
        };
    }

    public bool Contains(string content) => _byContent.ContainsKey(content);

    /// <summary>The id that a token not seen before would get.</summary>
    public int FreeId => Math.Max(vocabulary.Length, _byId.Count == 0 ? 0 : _byId.Keys.Max() + 1);

    /// <summary>Adds the token; the same content again replaces the token's flags.</summary>
    public void Add(AddedToken token)
    {
        if (token.Content.Length == 0)
        {
            return;
        }

        var known = vocabulary.Id(token.Content);
        var owner = vocabulary.Token(token.Id)
            ?? (_byId.TryGetValue(token.Id, out var other) ? other.Content : token.Content);
        if (token.Id < 0 || (known >= 0 && known != token.Id) || owner != token.Content
            || (_byContent.TryGetValue(token.Content, out var earlier) && earlier.Id != token.Id))
        {
            throw new InputException($"{file}: the added token {OneLine.Quote(token.Content)} has the id {token.Id}, "
                + (known >= 0 ? $"but the vocabulary has it as {known}" : $"which belongs to {OneLine.Quote(owner)} or is taken twice")
                + "; take the file from the model's source again");
        }

        var form = token.IsNormalized && normalizer is not null ? normalizer.Normalize(token.Content) : token.Content;
        _byId[token.Id] = _byContent[token.Content] = token with { Form = form };
    }

    /// <summary>The tokens, after a check that no id up to the greatest is without a token.</summary>
    public AddedVocabulary Finish()
    {
        var length = FreeId;
        for (var id = 0; id < length; id++)
        {
            if (vocabulary.Token(id) is null && !_byId.ContainsKey(id))
            {
                throw new InputException($"{file}: no token has the id {id}, though ids go up to {length - 1}; "
                    + "take the file from the model's source again");
            }
        }

        return new AddedVocabulary([.. _byId.Values]);
    }
}
