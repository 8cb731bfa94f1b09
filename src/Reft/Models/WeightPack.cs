using Reft.Numerics.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Reft.Models;

/// <summary>
/// A weight in the order in which the CPU kernels read it: made when it is first asked for, and anew when the weight has
/// changed since (<see cref="Parameter.Version"/>).
/// </summary>
/// <param name="weight">The weight [out, in], or [in, out] if transposed.</param>
/// <param name="transposed">Whether the weight is stored [in, out].</param>
internal sealed class WeightPack(Parameter weight, bool transposed) : IDisposable
{
    private readonly Lock _gate = new();
    private PackedWeight? _packed;
    private long _version;

    /// <summary>The packed weight; null where the kernels cannot take it.</summary>
    public PackedWeight? Current
    {
        get
        {
            // Several threads may ask at once; none of them changes the weight meanwhile.
            lock (_gate)
            {
                if (_packed is null || _version != weight.Version)
                {
                    Dispose();
                    _packed = Pack(weight.Value, transposed);
                    _version = weight.Version;
                }

                return _packed;
            }
        }
    }

    /// <summary>Outputs and inputs of a weight.</summary>
    public static (int Outputs, int Inputs) Shape(Tensor weight, bool transposed) => transposed
        ? ((int)weight.shape[1], (int)weight.shape[0])
        : ((int)weight.shape[0], (int)weight.shape[1]);

    /// <summary>Frees the packed weight; it is made anew when it is asked for.</summary>
    public void Dispose()
    {
        _packed?.Dispose();
        _packed = null;
    }

    /// <summary>Packs a weight; null where the kernels cannot take it.</summary>
    public static PackedWeight? Pack(Tensor weight, bool transposed)
    {
        if (weight.device_type != DeviceType.CPU)
        {
            return null;
        }

        var (outputs, depth) = Shape(weight, transposed);
        var (outputStride, depthStride) = transposed ? (1L, (long)outputs) : (depth, 1L);
        return weight.dtype is ScalarType.Float32 or ScalarType.BFloat16
            ? PackedWeight.From(weight, 0, outputs, depth, outputStride, depthStride)
            : null;
    }
}
