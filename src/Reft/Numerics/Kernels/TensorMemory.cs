using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Reft.Numerics.Kernels;

/// <summary>The memory behind contiguous CPU tensors, for kernels.</summary>
internal static unsafe partial class TensorMemory
{
    /// <summary>The first element; the tensor must outlive the pointer.</summary>
    public static T* Pointer<T>(Tensor tensor)
        where T : unmanaged
    {
        var pointer = (T*)THSTensor_data(tensor.Handle);
        GC.KeepAlive(tensor);
        return pointer;
    }

    [LibraryImport("LibTorchSharp")]
    private static partial nint THSTensor_data(nint handle);
}
