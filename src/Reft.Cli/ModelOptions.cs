using System.CommandLine;
using Reft.Runtime;
using static TorchSharp.torch;

namespace Reft.Cli;

/// <summary>The options of every verb that computes with a model.</summary>
internal sealed class ModelOptions
{
    private readonly Option<string> _dtype = new("--dtype")
    {
        Description = "What to compute in: float32 or bfloat16.",
        DefaultValueFactory = _ => "float32",
    };

    private readonly Option<string> _device = new("--device")
    {
        Description = "Where to compute: cpu or cuda.",
        DefaultValueFactory = _ => "cpu",
    };

    private readonly Option<int?> _threads = new("--threads") { Description = "Threads of the CPU; by default one a core." };

    public ModelOptions()
    {
        _dtype.AcceptOnlyFromAmong("float32", "bfloat16");
        _device.AcceptOnlyFromAmong("cpu", "cuda");
    }

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_dtype);
        command.Options.Add(_device);
        command.Options.Add(_threads);
    }

    /// <summary>Loads the native runtime and reads the options.</summary>
    public (ScalarType Dtype, Device Device) Read(ParseResult parsed)
    {
        var report = NativeRuntime.Ensure();
        if (parsed.GetValue(_threads) is { } threads)
        {
            set_num_threads(threads >= 1 ? threads : throw new InputException($"--threads is {threads}: it must be at least 1"));
        }

        var wantsCuda = parsed.GetRequiredValue(_device) == "cuda";
        if (wantsCuda && !report.CudaAvailable)
        {
            throw new InputException("--device cuda: libtorch sees no CUDA device; 'reft doctor' says what it found");
        }

        var dtype = parsed.GetRequiredValue(_dtype) == "bfloat16" ? ScalarType.BFloat16 : ScalarType.Float32;
        return (dtype, wantsCuda ? CUDA : CPU);
    }
}
