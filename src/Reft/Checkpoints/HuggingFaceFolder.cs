namespace Reft.Checkpoints;

/// <summary>What lies in a Hugging Face model folder besides the weights.</summary>
internal static class HuggingFaceFolder
{
    /// <summary>The model's configuration, which the model code writes.</summary>
    public const string Config = "config.json";

    /// <summary>The files that belong to a model whatever its weights are: they go along when it is saved.</summary>
    public static IReadOnlyList<string> Companions { get; } =
    [
        "generation_config.json",
        "tokenizer.json",
        "tokenizer_config.json",
        "special_tokens_map.json",
        "added_tokens.json",
        "vocab.json",
        "merges.txt",
        "tokenizer.model",
        "chat_template.jinja",
        "chat_template.json",
    ];

    /// <summary>
    /// Copies the companions that a folder has into another, each atomically, and returns their names. Between a
    /// folder and itself there is nothing to copy.
    /// </summary>
    public static IReadOnlyList<string> CopyCompanions(string from, string to)
    {
        if (!Directory.Exists(from))
        {
            throw new InputException($"{OneLine.Of(from)}: no such folder; check the path");
        }

        var present = Companions.Where(name => File.Exists(Path.Combine(from, name))).ToArray();
        if (!IsSameFolder(from, to))
        {
            foreach (var name in present)
            {
                AtomicFile.Copy(Path.Combine(from, name), Path.Combine(to, name));
            }
        }

        return present;
    }

    private static bool IsSameFolder(string left, string right) => string.Equals(
        Path.TrimEndingDirectorySeparator(Path.GetFullPath(left)),
        Path.TrimEndingDirectorySeparator(Path.GetFullPath(right)),
        StringComparison.Ordinal);
}
