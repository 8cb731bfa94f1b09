using System.Runtime.InteropServices;

namespace Reft.Numerics.Backends;

/// <summary>Functions of libtorch that TorchSharp has no binding for, by the names that C++ gives them.</summary>
internal static class LibTorchExports
{
    /// <summary>A function's address; 0 where this libtorch has none of that name.</summary>
    /// <param name="library">The library without prefix and ending: it has been loaded, and the system gives it by its name.</param>
    /// <param name="symbol">The mangled name.</param>
    public static nint Find(string library, string symbol) =>
        NativeLibrary.TryLoad(FileName(library), out var handle) && NativeLibrary.TryGetExport(handle, symbol, out var address) ? address : 0;

    private static string FileName(string name) =>
        OperatingSystem.IsWindows() ? name + ".dll" : OperatingSystem.IsMacOS() ? $"lib{name}.dylib" : $"lib{name}.so";
}
