using Reft.Text.Patterns;

namespace Reft.Text.PreTokenizers;

/// <summary>Splits at the matches of a pattern.</summary>
internal sealed class SplitPreTokenizer(IPattern pattern, SplitBehavior behavior, bool inverts = false) : IPreTokenizer
{
    public void Apply(Pieces pieces) => pieces.Split(pattern, behavior, inverts);
}

/// <summary>Applies pre-tokenizers one after the other.</summary>
internal sealed class PreTokenizerSequence(IPreTokenizer[] steps) : IPreTokenizer
{
    public void Apply(Pieces pieces)
    {
        foreach (var step in steps)
        {
            step.Apply(pieces);
        }
    }
}

/// <summary>Splits as GPT-2 does and turns to bytes.</summary>
internal sealed class ByteLevelPreTokenizer(bool addsPrefixSpace, bool splits) : IPreTokenizer
{
    private readonly Gpt2Scanner _scanner = new();

    public void Apply(Pieces pieces)
    {
        if (addsPrefixSpace)
        {
            pieces.Rewrite((piece, _) => piece.StartsWith(' ') ? piece : " " + piece);
        }

        if (splits)
        {
            pieces.Split(_scanner, SplitBehavior.Isolated);
        }

        pieces.UseBytes();
    }
}

/// <summary>When a meta space is put before a piece that has none.</summary>
internal enum PrependScheme
{
    Always,
    First,
    Never,
}

/// <summary>Writes spaces as a visible character and splits before each.</summary>
internal sealed class MetaspacePreTokenizer(string replacement, PrependScheme scheme, bool splits) : IPreTokenizer
{
    private readonly LiteralPattern _pattern = new(replacement);

    public void Apply(Pieces pieces)
    {
        pieces.Rewrite(Replace);
        if (splits)
        {
            pieces.Split(_pattern, SplitBehavior.MergedWithNext);
        }
    }

    private string Replace(string piece, bool startsInput)
    {
        var replaced = piece.Replace(" ", replacement, StringComparison.Ordinal);
        var prepends = scheme == PrependScheme.Always || (scheme == PrependScheme.First && startsInput);
        return prepends && !replaced.StartsWith(replacement, StringComparison.Ordinal)
            ? replacement + replaced
            : replaced;
    }
}
