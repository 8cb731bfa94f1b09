using System.CommandLine;
using Reft.Inputs;
using Reft.Numerics;
using static TorchSharp.torch;

namespace Reft.Hosting;

/// <summary>The options of every verb that computes with a model.</summary>
internal sealed class ModelOptions
{
    private readonly Option<string> _dtype = new("--dtype")
    {
        Description = "What to compute in: float32 or bfloat16.",
        DefaultValueFactory = _ => "float32",
    };

    private readonly Option<string> _device = new(DeviceOption.Name)
    {
        Description = $"Where to compute: {ComputeDevice.Names}.",
        DefaultValueFactory = _ => ComputeDevice.Cpu.Name,
    };

    private readonly Option<int?> _threads = new("--threads") { Description = "Threads of the CPU; by default one a core." };

    public ModelOptions()
    {
        _dtype.AcceptOnlyFromAmong("float32", "bfloat16");
    }

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_dtype);
        command.Options.Add(_device);
        command.Options.Add(_threads);
    }

    /// <summary>Loads the native runtime and reads the options.</summary>
    public (ScalarType Dtype, ComputeDevice Device) Read(ParseResult parsed)
    {
        var device = DeviceChoice.Find(parsed.GetRequiredValue(_device), DeviceOption.Name);
        if (parsed.GetValue(_threads) is { } threads)
        {
            set_num_threads(threads >= 1 ? threads : throw new InputException($"--threads is {threads}: it must be at least 1"));
        }

        var dtype = parsed.GetRequiredValue(_dtype) == "bfloat16" ? ScalarType.BFloat16 : ScalarType.Float32;
        return (dtype, device);
    }
}
