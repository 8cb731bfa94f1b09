using TorchSharp;

namespace Reft.Benchmarks;

internal static unsafe class X
{
    public static void* data_ptr(this torch.Tensor t) => (void*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref System.Runtime.InteropServices.MemoryMarshal.GetReference(t.bytes));
}
