namespace Reft.Text;

/// <summary>The files of a tokenizer folder.</summary>
internal static class TokenizerFiles
{
    public const string Tokenizer = "tokenizer.json";
    public const string Configuration = "tokenizer_config.json";
    public const string SpecialTokensMap = "special_tokens_map.json";
    public const string Vocabulary = "vocab.json";
    public const string Merges = "merges.txt";
    public const string AddedTokens = "added_tokens.json";
    public const string ChatTemplate = "chat_template.jinja";
    public const string ChatTemplateJson = "chat_template.json";

    private static readonly string[] Known =
    [
        Tokenizer, Configuration, SpecialTokensMap, Vocabulary, Merges, AddedTokens,
        "tokenizer.model", ChatTemplate, ChatTemplateJson,
    ];

    /// <summary>Those of the folder's files that belong to its tokenizer.</summary>
    public static IReadOnlyList<string> In(string folder)
        => [.. Known.Select(name => Path.Combine(folder, name)).Where(File.Exists)];

    /// <summary>Copies files into a folder, each whole or not at all.</summary>
    public static void Copy(IReadOnlyList<string> files, string folder)
    {
        foreach (var file in files)
        {
            var target = Path.Combine(folder, Path.GetFileName(file));
            if (Path.GetFullPath(target) == Path.GetFullPath(file))
            {
                continue;
            }

            AtomicFile.Copy(file, target);
        }
    }
}
