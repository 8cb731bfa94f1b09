using System.CommandLine;
using System.Globalization;
using Reft.Checkpoints;
using Reft.Exports;
using Reft.Text;

namespace Reft.Hosting.Verbs;

/// <summary><c>reft export</c>: a model as a GGUF file.</summary>
internal static class ExportVerb
{
    public static Verb Verb { get; } = new(
        "export",
        [
            "reft export ./model --output model.gguf",
            "reft export runs/reft/checkpoints/best --output small.gguf --type q8_0",
        ],
        Create);

    private static Command Create(Terminal terminal)
    {
        var folder = new Argument<string>("model") { Description = "A model's folder, or hf://org/name." };
        var output = new Option<string>("--output") { Description = "The .gguf file to write.", Required = true };
        var type = AnswerOptions.Of("--type", "How matrices are stored: f32, f16, bf16 or q8_0", "f16");
        type.AcceptOnlyFromAmong("f32", "f16", "bf16", "q8_0");
        var command = new Command("export", "Write a model as a GGUF file, for llama.cpp and what is built on it.") { folder, output, type };
        command.SetAction((parsed, cancellation) =>
        {
            var (named, to) = (parsed.GetRequiredValue(folder), parsed.GetRequiredValue(output));
            var from = ModelFolder.Find(named, terminal, cancellation);
            Runtime.NativeRuntime.Ensure();
            using var model = PretrainedModel.Load(from, TorchSharp.torch.ScalarType.Float32, Numerics.ComputeDevice.Cpu);
            GgufModel.Write(model, from, to, ToType(parsed.GetRequiredValue(type)), Path.GetFileName(Path.TrimEndingDirectorySeparator(named)));
            terminal.WriteWrapped(string.Create(
                CultureInfo.InvariantCulture, $"{to}: {new FileInfo(to).Length / 1e6:F1} MB, the tokenizer{(ChatTemplate.IsIn(from) ? " and the chat template" : "")} with it."), 2);
            return Task.FromResult(App.Done);
        });
        return command;
    }

    private static GgufType ToType(string word) => word switch
    {
        "f32" => GgufType.F32,
        "f16" => GgufType.F16,
        "bf16" => GgufType.Bf16,
        _ => GgufType.Q8,
    };
}
