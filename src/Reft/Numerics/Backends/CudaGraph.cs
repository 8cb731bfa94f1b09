using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Reft.Numerics.Backends;

/// <summary>
/// Work that a GPU has recorded once and does again in one call. TorchSharp binds no graphs; libtorch exports what is needed. Whatever is
/// recorded reads and writes tensors that stay where they are.
/// </summary>
internal sealed unsafe class CudaGraph : IDisposable
{
    /// <summary>Set to 0 it keeps decoding from being recorded.</summary>
    public const string Switch = "REFT_CUDA_GRAPHS";

    // The object is smaller; its constructor fills what it needs.
    private const int ObjectBytes = 4096;

    // cudaStreamCaptureModeRelaxed: what other threads do is not looked at.
    private const int Relaxed = 2;

    private readonly nint _object;

    private CudaGraph(nint made) => _object = made;

    /// <summary>The functions that this libtorch lacks; empty where graphs can be recorded.</summary>
    public static IReadOnlyList<string> Missing => OperatingSystem.IsLinux()
        ? [.. Functions.All.Where(f => LibTorchExports.Find(f.Library, f.Symbol) == 0).Select(f => f.Symbol)]
        : ["structures by value, as Linux passes them"];

    /// <summary>Whether graphs are recorded.</summary>
    public static bool IsUsable => Environment.GetEnvironmentVariable(Switch) != "0" && cuda.is_available() && Missing.Count == 0;

    /// <summary>Records what an action has the GPU do; it has been done before, so that nothing is set up meanwhile.</summary>
    /// <param name="work">The work, on a stream of <see cref="SideStream"/>.</param>
    public static CudaGraph Record(Action work)
    {
        var made = Marshal.AllocHGlobal(ObjectBytes);
        new Span<byte>((void*)made, ObjectBytes).Clear();
        ((delegate* unmanaged<nint, byte, void>)Functions.Of(Functions.Make))(made, 0);
        ((delegate* unmanaged<nint, Pair, int, void>)Functions.Of(Functions.Begin))(made, default, Relaxed);
        work();
        ((delegate* unmanaged<nint, void>)Functions.Of(Functions.End))(made);
        return new CudaGraph(made);
    }

    /// <summary>Does the work.</summary>
    public void Replay() => ((delegate* unmanaged<nint, void>)Functions.Of(Functions.Again))(_object);

    /// <inheritdoc/>
    public void Dispose()
    {
        ((delegate* unmanaged<nint, void>)Functions.Of(Functions.Destroy))(_object);
        Marshal.FreeHGlobal(_object);
    }

    /// <summary>Makes a stream of its own the calling thread's current one, until it is disposed: only such a stream can be recorded.</summary>
    internal sealed class SideStream : IDisposable
    {
        private readonly sbyte _device;

        public SideStream(int device)
        {
            _device = (sbyte)device;
            cuda.synchronize();
            Set(((delegate* unmanaged<byte, sbyte, Pair>)Functions.Of(Functions.FromPool))(1, _device));
        }

        public void Dispose()
        {
            cuda.synchronize();
            Set(((delegate* unmanaged<sbyte, Pair>)Functions.Of(Functions.Default))(_device));
        }

        private static void Set(Pair stream) => ((delegate* unmanaged<Pair, void>)Functions.Of(Functions.Current))(stream);
    }

    /// <summary>A stream, or the name of a pool of memory: sixteen bytes by value.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Pair
    {
        public readonly long First;
        public readonly long Second;
    }

    private static class Functions
    {
        public static readonly (string Library, string Symbol) FromPool = ("c10_cuda", "_ZN3c104cuda17getStreamFromPoolEba");
        public static readonly (string Library, string Symbol) Current = ("c10_cuda", "_ZN3c104cuda20setCurrentCUDAStreamENS0_10CUDAStreamE");
        public static readonly (string Library, string Symbol) Default = ("c10_cuda", "_ZN3c104cuda20getDefaultCUDAStreamEa");
        public static readonly (string Library, string Symbol) Make = ("torch_cuda", "_ZN2at4cuda9CUDAGraphC1Eb");
        public static readonly (string Library, string Symbol) Begin =
            ("torch_cuda", "_ZN2at4cuda9CUDAGraph13capture_beginESt4pairIyyE21cudaStreamCaptureMode");

        public static readonly (string Library, string Symbol) End = ("torch_cuda", "_ZN2at4cuda9CUDAGraph11capture_endEv");
        public static readonly (string Library, string Symbol) Again = ("torch_cuda", "_ZN2at4cuda9CUDAGraph6replayEv");
        public static readonly (string Library, string Symbol) Destroy = ("torch_cuda", "_ZN2at4cuda9CUDAGraphD1Ev");

        public static IReadOnlyList<(string Library, string Symbol)> All => [FromPool, Current, Default, Make, Begin, End, Again, Destroy];

        public static nint Of((string Library, string Symbol) function) => LibTorchExports.Find(function.Library, function.Symbol);
    }
}
