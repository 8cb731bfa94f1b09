using Reft.Numerics.Kernels;
using static TorchSharp.torch;

namespace Reft.Checkpoints;

/// <summary>Stored tensors as libtorch's.</summary>
internal static class WeightTensor
{
    /// <summary>A copy of a stored tensor, in the dtype that it is stored in.</summary>
    /// <exception cref="InputException">It is stored in a dtype other than F32, F16 and BF16.</exception>
    public static unsafe Tensor From(SafeTensorsFile file, SafeTensorsEntry entry)
    {
        var type = entry.Dtype switch
        {
            SafeTensorsDtype.F32 => ScalarType.Float32,
            SafeTensorsDtype.F16 => ScalarType.Float16,
            SafeTensorsDtype.BF16 => ScalarType.BFloat16,
            var other => throw new InputException(
                $"{file.Path}: {OneLine.Quote(entry.Name)} is {other.Name()}: Reft reads weights in F32, F16 and BF16"),
        };
        var tensor = empty(entry.Shape, dtype: type);
        Buffer.MemoryCopy(file.Pointer(entry), TensorMemory.Pointer<byte>(tensor), entry.Length, entry.Length);
        return tensor;
    }

    /// <summary>A parameter as it is to be stored; its tensor must outlive the writing.</summary>
    public static unsafe TensorSource Source(string name, Tensor parameter)
    {
        var value = parameter.detach().cpu().contiguous();
        var type = value.dtype == ScalarType.BFloat16 ? SafeTensorsDtype.BF16 : SafeTensorsDtype.F32;
        return TensorSource.FromAddress(
            name, type, value.shape, (nint)TensorMemory.Pointer<byte>(value), value.numel() * value.element_size());
    }
}
