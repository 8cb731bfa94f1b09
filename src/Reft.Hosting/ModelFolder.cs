using Reft.Checkpoints;
using Reft.Configuration;
using Reft.Hub;
using Reft.Text;

namespace Reft.Hosting;

/// <summary>What verbs need of a model's folder besides the weights.</summary>
internal static class ModelFolder
{
    private static readonly string[] TokenizerFiles = ["tokenizer.json", "vocab.json", "tokenizer.model", "tekken.json", "vocab.txt"];

    /// <summary>The folder of a model that a command line names: itself, or that of a model of the hub, which is downloaded if need be.</summary>
    public static string Find(string model, Terminal terminal, CancellationToken cancellation = default)
    {
        using var progress = new HubProgressLine(terminal);
        return new HubPaths(progress: progress.Show).Model(model, cancellation);
    }

    /// <summary>Brings what a config names of the hub, before anything else begins.</summary>
    public static void Fetch(RunConfig config, Terminal terminal, CancellationToken cancellation)
    {
        using var progress = new HubProgressLine(terminal);
        var paths = new HubPaths(progress: progress.Show);
        if (config.Model.Path is { } model)
        {
            paths.Model(model, cancellation);
        }

        foreach (var (sets, split) in new[] { (config.Problems.Train, "train"), (config.Problems.Dev, "validation"), (config.Problems.Test, "test") })
        {
            foreach (var file in sets.Select(set => set.File).OfType<string>())
            {
                paths.Files(file, split, cancellation);
            }
        }
    }

    /// <summary>The folder's tokenizer; null if it holds none.</summary>
    public static Tokenizer? TokenizerOf(string folder) =>
        TokenizerFiles.Any(f => File.Exists(Path.Combine(folder, f))) ? Tokenizer.Load(folder)
        : PeftFolder.BaseOf(folder) is { } below ? TokenizerOf(below) : null;

    /// <summary>The folder's tokenizer, which the verb cannot do without.</summary>
    public static Tokenizer RequireTokenizer(string folder) => TokenizerOf(folder) ?? throw new InputException(
        $"{folder}: no tokenizer (tokenizer.json, or vocab.json and merges.txt): text needs one");
}
