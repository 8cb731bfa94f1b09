namespace Reft.Text.Bpe;

/// <summary>The two tokens of a merge.</summary>
internal readonly record struct MergePair(string Left, string Right)
{
    /// <summary>Reads two tokens with one space between them; null when the text is something else.</summary>
    public static MergePair? Parse(string text)
    {
        var space = text.IndexOf(' ', StringComparison.Ordinal);
        return space < 0 || text.IndexOf(' ', space + 1) >= 0
            ? null
            : new MergePair(text[..space], text[(space + 1)..]);
    }
}

/// <summary>Makes a BPE model from a vocabulary and merges in order of rank.</summary>
internal static class BpeBuilder
{
    private const char MetaSpace = '\u2581';

    public static BpeModel Build(
        BpeVocabulary vocabulary, BpeOptions options, IEnumerable<MergePair> pairs, string path, string file)
    {
        var all = pairs.ToList();
        var table = new MergeTable(all.Count);
        var mergesAcrossMetaSpace = false;
        for (var rank = 0; rank < all.Count; rank++)
        {
            var (left, right) = all[rank];
            var merged = left + Tail(right, options.ContinuingPrefix);
            table.Add(Id(left), Id(right), new Merge(rank, Id(merged)));
            mergesAcrossMetaSpace |= HoldsInnerMetaSpace(merged);

            int Id(string token)
            {
                var id = vocabulary.Id(token);
                return id >= 0 ? id : throw new InputException(
                    $"{file}: {path}[{rank}] ({OneLine.Quote($"{left} {right}")}) needs the token {OneLine.Quote(token)}, "
                    + "which the vocabulary lacks; "
                    + "take the vocabulary and the merges from the same model");
            }
        }

        return new BpeModel(vocabulary, table, options, mergesAcrossMetaSpace);
    }

    private static string Tail(string right, string prefix)
        => prefix.Length > 0 && right.StartsWith(prefix, StringComparison.Ordinal) ? right[prefix.Length..] : right;

    private static bool HoldsInnerMetaSpace(string token)
    {
        for (var i = 1; i < token.Length; i++)
        {
            if (token[i] == MetaSpace && token[i - 1] != MetaSpace)
            {
                return true;
            }
        }

        return false;
    }
}
