using System.Globalization;
using Reft.Numerics.Backends;
using TorchSharp;
using static TorchSharp.torch;

namespace Reft.Numerics;

/// <summary>Where tensors are, and with whose operations they are computed.</summary>
public sealed record ComputeDevice
{
    /// <summary>What a name may be, for messages.</summary>
    public const string Names = "cpu, cuda, cuda:0, cuda:1, …, or auto";

    /// <summary>Lets Reft choose: the first GPU where libtorch sees one, else the CPU.</summary>
    public const string Automatic = "auto";

    private const string Processor = "cpu";
    private const string Library = "cpu:libtorch";
    private const string Graphics = "cuda";

    private ComputeDevice(string kind, int? index)
    {
        Kind = kind;
        Index = index;
    }

    /// <summary>The CPU, with Reft's kernels.</summary>
    public static ComputeDevice Cpu { get; } = new(Processor, null);

    /// <summary>
    /// The CPU, with libtorch's operators: what a GPU computes, where there is none. Slower than the kernels, and without their promise of equal
    /// bits; for tests of the other devices' paths.
    /// </summary>
    public static ComputeDevice LibraryCpu { get; } = new(Library, null);

    /// <summary>What decides a result's last bits: <c>cpu</c>, <c>cuda</c> or <c>cpu:libtorch</c>. Which of several GPUs computes is not part of it.</summary>
    public string Kind { get; }

    /// <summary>Which GPU, counted from 0; null on the CPU.</summary>
    public int? Index { get; }

    /// <summary>The name, as in a config: <c>cpu</c>, <c>cuda:0</c>.</summary>
    public string Name => Index is { } index ? string.Create(CultureInfo.InvariantCulture, $"{Kind}:{index}") : Kind;

    /// <summary>The operations.</summary>
    internal INumericBackend Numerics => Kind == Processor ? KernelBackend.Instance : LibraryBackend.Instance;

    /// <summary>Whether Reft's kernels compute.</summary>
    internal bool HasKernels => Kind == Processor;

    /// <summary>Whether it is a GPU.</summary>
    public bool IsCuda => Kind == Graphics;

    /// <summary>libtorch's device.</summary>
    public Device Torch => Index is { } index ? new Device(DeviceType.CUDA, index) : new Device(DeviceType.CPU);

    /// <summary>A GPU.</summary>
    /// <param name="index">Which, counted from 0.</param>
    public static ComputeDevice Cuda(int index) => new(Graphics, index);

    /// <summary>Reads a name; false where it is none. <c>auto</c> is one, of a device that is yet to be chosen: null.</summary>
    public static bool TryParse(string name, out ComputeDevice? device)
    {
        device = name == Processor ? Cpu
            : name == Library ? LibraryCpu
            : name == Graphics ? Cuda(0)
            : name.StartsWith(Graphics + ":", StringComparison.Ordinal)
                && int.TryParse(name[(Graphics.Length + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? Cuda(index)
            : null;
        return device is not null || name == Automatic;
    }

    /// <summary>The device of a tensor's.</summary>
    public static implicit operator ComputeDevice(Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return FromDevice(device);
    }

    /// <summary>The device of a tensor's.</summary>
    public static ComputeDevice FromDevice(Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return device.type switch
        {
            DeviceType.CPU => Cpu,
            DeviceType.CUDA => Cuda(Math.Max(0, device.index)),
            _ => throw new NotSupportedException($"Reft computes on {Names}, not on {device}"),
        };
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
