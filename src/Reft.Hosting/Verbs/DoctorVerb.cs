using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Reft.Diagnosis;
using Reft.Numerics.Backends;
using Reft.Numerics.Kernels;
using Reft.Runtime;
using Reft.Training.Runs;
using static TorchSharp.torch;

namespace Reft.Hosting.Verbs;

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
            ? DiagnosisPrinter.Print(terminal, RunDoctor.Examine(new RunFolder(path), terminal.Catalog), parsed.GetValue(json))
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
            native = NativeRuntime.Report;
        }
        catch (InputException error)
        {
            problem = error.Message;
        }

        var gpus = GpuReport.Read();
        var speed = native is null ? null : Speed.Measure();
        var advice = Advice(native, problem, speed, gpus);
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
                vector_bits = Tiles.Width,
                libtorch = native?.LibTorchVersion,
                libtorch_source = native?.LibTorchSource,
                libtorch_folder = native?.LibTorchFolder,
                torchsharp_library = native?.TorchSharpLibrary,
                compatibility_copy = native?.CompatibilityCopy,
                gpu_driver = gpus.Driver,
                gpus = gpus.Gpus.Select(gpu => new { name = gpu.Name, memory_bytes = gpu.MemoryBytes, capability = gpu.Capability }),
                backend = Backend(native),
                decode_steps = Recorded(native),
                threads = native is null ? (int?)null : get_num_threads(),
                float32_gflops = speed?.OwnSingle,
                bfloat16_gflops = speed?.OwnBrain,
                libtorch_float32_gflops = speed?.Single,
                libtorch_bfloat16_gflops = speed?.Brain,
                problem,
                advice,
            }));
        }
        else
        {
            Write(terminal, machine, native, speed, gpus);
            foreach (var line in advice)
            {
                terminal.Out.WriteLine();
                terminal.WriteWrapped(line, 0);
            }
        }

        return native is null ? App.Failed : App.Done;
    }

    /// <summary>Whether a GPU records decode steps, and if not, why.</summary>
    private static string Recorded(NativeReport? native) =>
        native is null or { CudaAvailable: false } ? "not recorded: the CPU has no graphs"
        : CudaGraph.IsUsable ? "recorded once, then one call each"
        : CudaGraph.Missing is { Count: > 0 } missing ? $"not recorded: this libtorch lacks {string.Join(", ", missing)}"
        : $"not recorded: {CudaGraph.Switch} is 0";

    private static string? Backend(NativeReport? native) => native is null ? null : native.CudaAvailable ? "cuda" : "cpu";

    private static void Write(Terminal terminal, MachineReport machine, NativeReport? native, Speed? speed, GpuReport gpus)
    {
        Line("system", machine.System);
        Line(".NET", Environment.Version.ToString());
        Line("processor", $"{machine.Processor}, {machine.Cores} cores");
        Line("features", string.Join(" ", machine.Features));
        Line("kernels", $"vectors of {Tiles.Width} bits");
        Line("memory", string.Create(CultureInfo.InvariantCulture, $"{machine.MemoryBytes / 1073741824.0:F1} GiB"));
        Line("GPUs", gpus.Driver is null ? "none: no driver of NVIDIA's" : $"{gpus.Gpus.Count}, driver for CUDA {gpus.Driver}");
        foreach (var (gpu, i) in gpus.Gpus.Select((gpu, i) => (gpu, i)))
        {
            Line($"  cuda:{i}", string.Create(CultureInfo.InvariantCulture, $"{gpu.Name}, {gpu.MemoryBytes / 1073741824.0:F1} GiB, capability {gpu.Capability}"));
        }

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
        Line("decode steps", Recorded(native));
        Line("threads", $"{get_num_threads()} of libtorch, {CpuKernels.Workers.Count} of Reft's kernels");
        if (speed is not null)
        {
            Line("products", string.Create(
                CultureInfo.InvariantCulture, $"float32 {speed.OwnSingle:F0}, bfloat16 {speed.OwnBrain:F0} GFLOP/s"));
            Line("of libtorch", string.Create(
                CultureInfo.InvariantCulture, $"float32 {speed.Single:F0}, bfloat16 {speed.Brain:F0} GFLOP/s"));
        }

        void Line(string name, string value) => terminal.WriteWrapped($"{name,-14} {value}", 15);
    }

    private static List<string> Advice(NativeReport? native, string? problem, Speed? speed, GpuReport gpus)
    {
        var advice = new List<string>();
        if (problem is not null)
        {
            advice.Add($"Wrong: {problem}");
        }

        if (gpus.Gpus.Count > 0 && native is { CudaAvailable: false })
        {
            advice.Add(native.HasCuda
                ? $"There is a GPU, but libtorch cannot use it: the driver takes CUDA {gpus.Driver}, and this libtorch is {native.LibTorchVersion}."
                : $"There is a GPU, but this libtorch computes on CPUs only: 'pip install torch', and set {NativeRuntime.TorchHomeVariable}=auto.");
        }

        if (speed is { } measured && measured.Brain > Speed.Gain * Math.Max(measured.OwnBrain, measured.OwnSingle))
        {
            advice.Add(
                "libtorch's bfloat16 products are the fastest here: model.dtype: bf16 with model.products: fastest trains and samples "
                + "with them, at the price of last bits that depend on batch and threads.");
        }
        else if (speed is { } other && other.OwnBrain < other.OwnSingle)
        {
            advice.Add("bfloat16 products are slower than float32 ones on this processor: train with model.dtype: fp32.");
        }

        return advice;
    }

    /// <summary>Matrix products at a training shape, in GFLOP/s.</summary>
    /// <param name="Single">libtorch's of float32.</param>
    /// <param name="Brain">libtorch's of bfloat16.</param>
    /// <param name="OwnSingle">Reft's of float32.</param>
    /// <param name="OwnBrain">Reft's of bfloat16.</param>
    private sealed record Speed(double Single, double Brain, double OwnSingle, double OwnBrain)
    {
        /// <summary>How much faster products have to be to be worth their price.</summary>
        public const double Gain = 1.2;

        private const int Size = 512;

        public static Speed Measure()
        {
            var (single, ownSingle) = Rates(ScalarType.Float32);
            var (brain, ownBrain) = Rates(ScalarType.BFloat16);
            return new Speed(single, brain, ownSingle, ownBrain);
        }

        private static (double Library, double Own) Rates(ScalarType dtype)
        {
            using var frozen = no_grad();
            using var scope = NewDisposeScope();
            var x = ones(Size, Size, dtype: dtype);
            using var packed = PackedWeight.From(x, 0, Size, Size, Size, 1);
            return (Rate(() => nn.functional.linear(x, x)), Rate(() => CpuKernels.Linear(x, packed, null)));
        }

        private static double Rate(Func<Tensor> product)
        {
            var best = double.MaxValue;
            for (var i = 0; i < 12; i++)
            {
                var start = Stopwatch.GetTimestamp();
                product().Dispose();
                best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
            }

            return Math.Round(2.0 * Size * Size * Size / best / 1e9);
        }
    }
}
