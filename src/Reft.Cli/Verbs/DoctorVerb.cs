using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Reft.Diagnosis;
using Reft.Numerics.Kernels;
using Reft.Runtime;
using Reft.Training.Runs;
using static TorchSharp.torch;

namespace Reft.Cli.Verbs;

/// <summary><c>reft doctor</c>: what was found on this machine or in a run's folder, and how to fix what is wrong.</summary>
internal static class DoctorVerb
{
    public static Verb Verb { get; } = new(
        "doctor",
        ["reft doctor", "reft doctor runs/svamp-reft-pcot", "reft doctor --json", "REFT_TORCH_HOME=/path/to/site-packages/torch/lib reft doctor"],
        Create);

    private static Command Create(Terminal terminal)
    {
        var json = new Option<bool>("--json") { Description = "Print one JSON object and nothing else." };
        var folder = new Argument<string?>("run")
        {
            Description = "A run's folder, to say what happened in it; without it the machine is looked at.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new Command("doctor", "Say what was found on this machine, or in a run, and how to fix what is wrong.")
        {
            folder, json,
        };
        command.SetAction(parsed => parsed.GetValue(folder) is { } path
            ? DiagnosisPrinter.Print(terminal, RunDoctor.Examine(new RunFolder(path)), parsed.GetValue(json))
            : Run(terminal, parsed.GetValue(json)));
        return command;
    }

    private static int Run(Terminal terminal, bool json)
    {
        var machine = MachineReport.Read();
        NativeReport? native = null;
        string? problem = null;
        try
        {
            native = NativeRuntime.Ensure();
        }
        catch (InputException error)
        {
            problem = error.Message;
        }

        var speed = native is null ? null : Speed.Measure();
        var advice = Advice(native, problem, speed);
        if (json)
        {
            terminal.Out.WriteLine(JsonSerializer.Serialize(new
            {
                ok = native is not null,
                system = machine.System,
                dotnet = Environment.Version.ToString(),
                processor = machine.Processor,
                cores = machine.Cores,
                memory_bytes = machine.MemoryBytes,
                features = machine.Features,
                libtorch = native?.LibTorchVersion,
                libtorch_source = native?.LibTorchSource,
                libtorch_folder = native?.LibTorchFolder,
                torchsharp_library = native?.TorchSharpLibrary,
                compatibility_copy = native?.CompatibilityCopy,
                backend = Backend(native),
                threads = native is null ? (int?)null : get_num_threads(),
                float32_gflops = speed?.Single,
                bfloat16_gflops = speed?.Brain,
                problem,
                advice,
            }));
        }
        else
        {
            Write(terminal, machine, native, speed);
            foreach (var line in advice)
            {
                terminal.Out.WriteLine();
                terminal.WriteWrapped(line, 0);
            }
        }

        return native is null ? App.Failed : App.Done;
    }

    private static string? Backend(NativeReport? native) => native is null ? null : native.CudaAvailable ? "cuda" : "cpu";

    private static void Write(Terminal terminal, MachineReport machine, NativeReport? native, Speed? speed)
    {
        Line("system", machine.System);
        Line(".NET", Environment.Version.ToString());
        Line("processor", $"{machine.Processor}, {machine.Cores} cores");
        Line("features", string.Join(" ", machine.Features));
        Line("memory", string.Create(CultureInfo.InvariantCulture, $"{machine.MemoryBytes / 1073741824.0:F1} GiB"));
        if (native is null)
        {
            Line("libtorch", "NOT LOADED");
            return;
        }

        Line("libtorch", $"{native.LibTorchVersion} ({native.LibTorchSource})");
        Line("", native.LibTorchFolder ?? "found by TorchSharp");
        Line("TorchSharp", native.TorchSharpLibrary);
        Line("compatibility", native.CompatibilityCopy is null
            ? "not needed: the library loads as it is"
            : $"in use, since this libstdc++ is older than TorchSharp's: {native.CompatibilityCopy}");
        Line("backend", Backend(native)!); // Loaded, so there is one.
        Line("threads", $"{get_num_threads()} of libtorch, {CpuKernels.Workers.Count} of Reft's kernels");
        if (speed is not null)
        {
            Line("products", string.Create(
                CultureInfo.InvariantCulture, $"float32 {speed.Single:F0}, bfloat16 {speed.Brain:F0} GFLOP/s (libtorch)"));
        }

        void Line(string name, string value) => terminal.WriteWrapped($"{name,-14} {value}", 15);
    }

    private static List<string> Advice(NativeReport? native, string? problem, Speed? speed)
    {
        var advice = new List<string>();
        if (problem is not null)
        {
            advice.Add($"Wrong: {problem}");
        }

        if (native is not null && speed is { } measured && measured.Brain < measured.Single)
        {
            advice.Add("bfloat16 products are slower than float32 ones on this processor: train with --dtype float32.");
        }

        return advice;
    }

    /// <summary>Matrix products of libtorch at a training shape, in GFLOP/s.</summary>
    private sealed record Speed(double Single, double Brain)
    {
        private const int Size = 512;

        public static Speed Measure() => new(Rate(ScalarType.Float32), Rate(ScalarType.BFloat16));

        private static double Rate(ScalarType dtype)
        {
            using var frozen = no_grad();
            using var scope = NewDisposeScope();
            var x = ones(Size, Size, dtype: dtype);
            var best = double.MaxValue;
            for (var i = 0; i < 12; i++)
            {
                var start = Stopwatch.GetTimestamp();
                nn.functional.linear(x, x).Dispose();
                best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
            }

            return Math.Round(2.0 * Size * Size * Size / best / 1e9);
        }
    }
}
