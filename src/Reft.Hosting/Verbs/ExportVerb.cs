using System.CommandLine;
using System.Globalization;
using Reft.Checkpoints;
using Reft.Configuration.Binding;
using Reft.Exports;
using Reft.Text;
using Reft.Training.Runs;

namespace Reft.Hosting.Verbs;

/// <summary><c>reft export</c>: a model as a GGUF file; the data of runs as files that other programs read.</summary>
internal static class ExportVerb
{
    public static Verb Verb { get; } = new(
        "export",
        [
            "reft export ./model --output model.gguf",
            "reft export runs/reft/checkpoints/step-000240 --output small.gguf --type q8_0",
            "reft export runs/reft --output data",
            "reft export runs/sft runs/reft --output data --as parquet,svg --figure verdict/correct_share",
        ],
        Create);

    private static Command Create(Terminal terminal)
    {
        var paths = new Argument<string[]>("path")
        {
            Description = "A model (its folder, or hf://org/name); or runs, folders of runs, a comparison.",
            Arity = ArgumentArity.OneOrMore,
        };
        var output = new Option<string>("--output") { Description = "The .gguf file to write, or the folder for the data of runs.", Required = true };
        var type = AnswerOptions.Of("--type", "Of a model: how matrices are stored: f32, f16, bf16 or q8_0", "f16");
        type.AcceptOnlyFromAmong("f32", "f16", "bf16", "q8_0");
        var forms = new Option<string>("--as")
        {
            Description = "Of runs: which files, of " + string.Join(", ", DataExport.Forms.Keys) + ".",
            DefaultValueFactory = _ => string.Join(',', DataExport.Forms.Keys),
        };
        var tables = new Option<string[]>("--table") { Description = "Of runs: a table to write, of " + string.Join(", ", DataExport.Tables) + "; all if not given. May be given more than once." };
        tables.AcceptOnlyFromAmong([.. DataExport.Tables]);
        var figures = new Option<string[]>("--figure") { Description = "Of runs: a figure to draw, such as kl/k1_sequence; all of metrics.jsonl if not given. May be given more than once." };
        var json = new Option<bool>("--json") { Description = "Of runs: print the files that were written as JSON and nothing else." };
        var command = new Command("export", "Write a model as a GGUF file, or what runs have seen as Parquet, CSV, tables and drawings.")
        {
            paths, output, type, forms, tables, figures, json,
        };
        command.SetAction((parsed, cancellation) =>
        {
            string[] from = parsed.GetRequiredValue(paths);
            var to = parsed.GetRequiredValue(output);
            var data = from.Where(DataExport.HasData).ToArray();
            if (data.Length == 0 && from.Length == 1 && (to.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase) || File.Exists(Path.Combine(from[0], "config.json"))))
            {
                WriteModel(from[0], to, ToType(parsed.GetRequiredValue(type)), terminal, cancellation);
                return Task.FromResult(App.Done);
            }

            if (to.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase))
            {
                throw new InputException(from.Length > 1
                    ? $"--output {OneLine.Of(to)}: a GGUF file holds one model; name one"
                    : $"{OneLine.Of(from[0])}: is a run and no model; name one of its checkpoints, such as {OneLine.Of(Checkpoint(from[0]))}");
            }

            if (File.Exists(to))
            {
                throw new InputException($"--output {OneLine.Of(to)}: is a file where the folder for the data of runs is needed");
            }

            DataExport.Write(
                from, to, Words(parsed.GetRequiredValue(forms)), parsed.GetValue(tables) ?? [], parsed.GetValue(figures) ?? [], parsed.GetValue(json), terminal);
            return Task.FromResult(App.Done);
        });
        return command;
    }

    /// <summary>The newest checkpoint of a run, or what one would be called.</summary>
    private static string Checkpoint(string run)
    {
        var files = new RunFolder(run);
        string[] folders = Directory.Exists(files.Checkpoints) ? [.. Directory.GetDirectories(files.Checkpoints).Order(StringComparer.Ordinal)] : [];
        return folders.LastOrDefault(folder => !Path.GetFileName(folder).StartsWith('.')) ?? Path.Combine(files.Checkpoints, "step-000100");
    }

    private static string[] Words(string list)
    {
        string[] words = list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return words.FirstOrDefault(word => !DataExport.Forms.ContainsKey(word)) is { } unknown
            ? throw new InputException($"--as {OneLine.Of(unknown)}: is not one of {string.Join(", ", DataExport.Forms.Keys)}{NearName.Ask(unknown, DataExport.Forms.Keys)}")
            : words;
    }

    private static void WriteModel(string named, string to, GgufType type, Terminal terminal, CancellationToken cancellation)
    {
        var from = ModelFolder.Find(named, terminal, cancellation);
        Runtime.NativeRuntime.Ensure();
        using var model = PretrainedModel.Load(from, TorchSharp.torch.ScalarType.Float32, Numerics.ComputeDevice.Cpu);
        GgufModel.Write(model, from, to, type, Path.GetFileName(Path.TrimEndingDirectorySeparator(named)));
        terminal.WriteWrapped(string.Create(
            CultureInfo.InvariantCulture, $"{to}: {new FileInfo(to).Length / 1e6:F1} MB, the tokenizer{(ChatTemplate.IsIn(from) ? " and the chat template" : "")} with it."), 2);
    }

    private static GgufType ToType(string word) => word switch
    {
        "f32" => GgufType.F32,
        "f16" => GgufType.F16,
        "bf16" => GgufType.Bf16,
        _ => GgufType.Q8,
    };
}
