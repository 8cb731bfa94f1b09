using Reft.Numerics.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Reft.Models;

/// <summary>A linear map <c>x Wᵀ + b</c> of the decoder, with its parameters under their Hugging Face names.</summary>
internal sealed class Projection : IDisposable
{
    private readonly bool _transposed;
    private readonly Parameter _weight;
    private readonly Parameter? _bias;
    private PackedWeight? _packed;

    /// <summary>Wraps parameters.</summary>
    /// <param name="weight">W [out, in], or [in, out] if transposed.</param>
    /// <param name="bias">b [out], or null.</param>
    /// <param name="transposed">Whether the weight is stored [in, out].</param>
    public Projection(Parameter weight, Parameter? bias, bool transposed)
    {
        _weight = weight;
        _bias = bias;
        _transposed = transposed;
    }

    /// <summary>W.</summary>
    public Parameter Weight => _weight;

    /// <summary>b; null if there is none.</summary>
    public Parameter? Bias => _bias;

    /// <summary>Applies the map.</summary>
    /// <param name="x">X [N, in].</param>
    /// <param name="single">Whether the result is float32 whatever the dtype of the weights: products and sum too.</param>
    /// <returns>Y [N, out].</returns>
    public Tensor Forward(Tensor x, bool single = false)
    {
        if (_packed is not null && CpuKernels.Accept(x))
        {
            return CpuKernels.Linear(x, _packed, _bias?.Value, single);
        }

        if (!single || x.dtype == ScalarType.Float32)
        {
            return Multiply(x, _weight.Value, _bias?.Value);
        }

        using var scope = NewDisposeScope();
        var bias = _bias?.Value.to(ScalarType.Float32);
        return Multiply(x.to(ScalarType.Float32), _weight.Value.to(ScalarType.Float32), bias).MoveToOuterDisposeScope();
    }

    /// <summary>Packs the weight for the kernels; it must not change until <see cref="Unpack"/>.</summary>
    public unsafe void Pack()
    {
        var weight = _weight.Value;
        if (weight.device_type != DeviceType.CPU || _packed is not null)
        {
            return;
        }

        var (outputs, depth) = _transposed ? ((int)weight.shape[1], (int)weight.shape[0]) : ((int)weight.shape[0], (int)weight.shape[1]);
        var (outputStride, depthStride) = _transposed ? (1L, (long)outputs) : (depth, 1L);
        _packed = weight.dtype switch
        {
            ScalarType.Float32 => PackedWeight.From(
                TensorMemory.Pointer<float>(weight), outputs, depth, outputStride, depthStride),
            ScalarType.BFloat16 => PackedWeight.From(
                TensorMemory.Pointer<ushort>(weight), outputs, depth, outputStride, depthStride),
            _ => null,
        };
    }

    /// <summary>Frees the packed weight.</summary>
    public void Unpack()
    {
        _packed?.Dispose();
        _packed = null;
    }

    /// <inheritdoc/>
    public void Dispose() => Unpack();

    private Tensor Multiply(Tensor x, Tensor weight, Tensor? bias)
    {
        if (!_transposed)
        {
            return nn.functional.linear(x, weight, bias);
        }

        return bias is null ? mm(x, weight) : addmm(bias, x, weight, 1, 1);
    }
}
