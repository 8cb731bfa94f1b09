using Reft.Text.Patterns;

namespace Reft.Text.Decoders;

/// <summary>Applies decoders one after the other.</summary>
internal sealed class DecoderSequence(IDecoder[] steps) : IDecoder
{
    public List<string> Decode(List<string> tokens)
        => steps.Aggregate(tokens, (current, step) => step.Decode(current));
}

/// <summary>Replaces each match of a pattern inside each token.</summary>
internal sealed class ReplaceDecoder(IPattern pattern, string content) : IDecoder
{
    public List<string> Decode(List<string> tokens)
        => tokens.ConvertAll(token => PatternReplacement.Apply(pattern, token, content));
}

/// <summary>Joins all tokens into one.</summary>
internal sealed class FuseDecoder : IDecoder
{
    public List<string> Decode(List<string> tokens) => [string.Concat(tokens)];
}

/// <summary>Removes up to so many of one character at the start and at the end of each token.</summary>
internal sealed class StripDecoder(string character, int start, int stop) : IDecoder
{
    public List<string> Decode(List<string> tokens) => tokens.ConvertAll(Strip);

    private string Strip(string token)
    {
        var rest = token.AsSpan();
        for (var i = 0; i < start && rest.StartsWith(character, StringComparison.Ordinal); i++)
        {
            rest = rest[character.Length..];
        }

        for (var i = 0; i < stop && rest.EndsWith(character, StringComparison.Ordinal); i++)
        {
            rest = rest[..^character.Length];
        }

        return rest.ToString();
    }
}

/// <summary>Writes meta spaces as spaces, and drops those of the first token where encoding puts one in front.</summary>
internal sealed class MetaspaceDecoder(string replacement, bool dropsFirst) : IDecoder
{
    public List<string> Decode(List<string> tokens)
        => [.. tokens.Select((token, i) => token.Replace(
            replacement, dropsFirst && i == 0 ? "" : " ", StringComparison.Ordinal))];
}

/// <summary>Writes the suffix that ends a word as a space, and drops it from the last token.</summary>
internal sealed class SuffixDecoder(string suffix) : IDecoder
{
    public List<string> Decode(List<string> tokens) => suffix.Length == 0
        ? tokens
        : [.. tokens.Select((token, i) => token.Replace(
            suffix, i == tokens.Count - 1 ? "" : " ", StringComparison.Ordinal))];
}
