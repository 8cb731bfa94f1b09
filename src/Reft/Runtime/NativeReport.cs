namespace Reft.Runtime;

/// <summary>What the native runtime found and loaded.</summary>
/// <param name="LibTorchVersion">The version of a PyTorch installation, else the one that TorchSharp was built for.</param>
/// <param name="LibTorchSource">Where the libtorch folder came from, in words.</param>
/// <param name="LibTorchFolder">The folder of libtorch; null when TorchSharp found it by its own search.</param>
/// <param name="TorchSharpLibrary">TorchSharp's native library as it was shipped.</param>
/// <param name="CompatibilityCopy">The patched copy that is loaded instead of it; null where the plain load works.</param>
/// <param name="HasCuda">Whether the libtorch that was loaded is one with CUDA.</param>
/// <param name="CudaAvailable">Whether libtorch sees a CUDA device.</param>
internal sealed record NativeReport(
    string LibTorchVersion,
    string LibTorchSource,
    string? LibTorchFolder,
    string TorchSharpLibrary,
    string? CompatibilityCopy,
    bool HasCuda,
    bool CudaAvailable);
