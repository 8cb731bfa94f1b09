using Reft.Numerics;
using Reft.Numerics.Backends;
using Reft.Runtime;
using static TorchSharp.torch;

namespace Reft.Inputs;

/// <summary>The one place where a name becomes a device to compute on.</summary>
internal static class DeviceChoice
{
    /// <summary>Loads the native runtime and finds the device.</summary>
    /// <param name="name">Its name (<see cref="ComputeDevice.Names"/>).</param>
    /// <param name="place">Where the name was given, for messages: <c>--device</c>, <c>model.device</c>.</param>
    /// <param name="rank">Which of the machine's ranks asks, from 0: a GPU that is named is the first rank's, and the next ones' are those behind it.</param>
    /// <exception cref="InputException">There is no such device.</exception>
    public static ComputeDevice Find(string name, string place, int rank = 0)
    {
        var report = NativeRuntime.Report;
        var device = Find(name, place, report, report.CudaAvailable ? cuda.device_count() : 0, rank);
        if (device.IsCuda)
        {
            Determinism.Set(on: true);
        }

        return device;
    }

    /// <summary>Finds the device among those of a machine.</summary>
    internal static ComputeDevice Find(string name, string place, NativeReport report, int gpus, int rank = 0)
    {
        if (!ComputeDevice.TryParse(name, out var device))
        {
            throw new InputException($"{place} is {OneLine.Quote(name)}: it must be {ComputeDevice.Names}");
        }

        device ??= gpus > 0 ? ComputeDevice.Cuda(0) : ComputeDevice.Cpu;
        if (device.Index is not { } first)
        {
            return device;
        }

        if (first + rank < gpus)
        {
            return ComputeDevice.Cuda(first + rank);
        }

        throw new InputException($"{place} is {name}: " + (
            !report.HasCuda
                ? $"the libtorch that was loaded ({report.LibTorchSource}) computes on CPUs only; set "
                    + $"{NativeRuntime.TorchHomeVariable}=auto where a PyTorch with CUDA is installed, or name cpu"
            : gpus == 0 ? "libtorch sees no GPU: see that 'nvidia-smi' lists one and that the driver is not older than libtorch's CUDA, or name cpu"
            : $"libtorch sees {gpus} GPU{(gpus == 1 ? "" : "s")}, counted from 0"
                + (rank == 0 ? "" : $", and this machine's rank {rank} would take number {first + rank}: start as many ranks on it as it has GPUs")));
    }
}
