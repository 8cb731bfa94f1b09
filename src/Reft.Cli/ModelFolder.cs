using Reft.Checkpoints;
using Reft.Text;

namespace Reft.Cli;

/// <summary>What verbs need of a model's folder besides the weights.</summary>
internal static class ModelFolder
{
    private static readonly string[] TokenizerFiles = ["tokenizer.json", "vocab.json", "tokenizer.model", "tekken.json", "vocab.txt"];

    /// <summary>The folder's tokenizer; null if it holds none.</summary>
    public static Tokenizer? TokenizerOf(string folder) =>
        TokenizerFiles.Any(f => File.Exists(Path.Combine(folder, f))) ? Tokenizer.Load(folder)
        : PeftFolder.BaseOf(folder) is { } below ? TokenizerOf(below) : null;

    /// <summary>The folder's tokenizer, which the verb cannot do without.</summary>
    public static Tokenizer RequireTokenizer(string folder) => TokenizerOf(folder) ?? throw new InputException(
        $"{folder}: no tokenizer (tokenizer.json, or vocab.json and merges.txt): text needs one");
}
