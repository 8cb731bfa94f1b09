using System.Runtime.Intrinsics.X86;
using static TorchSharp.torch;

namespace Reft.Numerics.Kernels;

/// <summary>
/// Whether libtorch's products of bfloat16 are the faster ones on this processor: it has instructions for them that .NET cannot
/// reach. They sum in an order that depends on the batch and the threads.
/// </summary>
internal static class BrainProducts
{
    // Of fewer rows libtorch lays out the weights anew for longer than it multiplies: decoding at batch 64 took 1.3 times as long.
    private const int FewestRows = 512;

    // Leaf 7 of CPUID, register EDX: the processor multiplies tiles of bfloat16.
    private const int Tiles = 1 << 22;

    // Leaf 7, subleaf 1 of CPUID, register EAX: it multiplies pairs of bfloat16.
    private const int Pairs = 1 << 5;

    // "AuthenticAMD", the letters of register EBX: its pairs run at twice the rate of float32, Intel's at half of it.
    private const int Amd = 0x68747541;

    private static readonly Lazy<bool> LibraryIsFaster = new(() =>
        X86Base.IsSupported
        && ((X86Base.CpuId(7, 0).Edx & Tiles) != 0
            || ((X86Base.CpuId(7, 1).Eax & Pairs) != 0 && X86Base.CpuId(0, 0).Ebx == Amd)));

    /// <summary>Whether libtorch is the faster one for these rows.</summary>
    /// <param name="x">X [N, K] on the CPU.</param>
    public static bool AreFasterElsewhere(Tensor x) =>
        x.dtype == ScalarType.BFloat16 && x.shape[0] >= FewestRows && LibraryIsFaster.Value;
}
