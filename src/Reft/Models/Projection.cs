using Reft.Numerics.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Reft.Models;

/// <summary>A linear map <c>x Wᵀ + b</c> of the decoder, with its parameters under their Hugging Face names.</summary>
internal sealed class Projection : IDisposable
{
    private const string WeightEnding = ".weight";

    private readonly bool _transposed;
    private PackedWeight? _packed;

    /// <summary>Wraps parameters.</summary>
    /// <param name="weight">W [out, in], or [in, out] if transposed.</param>
    /// <param name="bias">b [out], or null.</param>
    /// <param name="transposed">Whether the weight is stored [in, out].</param>
    public Projection(Parameter weight, Parameter? bias, bool transposed)
    {
        Weight = weight;
        Bias = bias;
        _transposed = transposed;
    }

    /// <summary>The name, without <c>.weight</c>.</summary>
    public string Name => Weight.Name[..^WeightEnding.Length];

    /// <summary>W.</summary>
    public Parameter Weight { get; }

    /// <summary>b; null if there is none.</summary>
    public Parameter? Bias { get; }

    /// <summary>The low-rank adapter; null if there is none.</summary>
    public LoraAdapter? Adapter { get; private set; }

    /// <summary>Applies the map.</summary>
    /// <param name="x">X [N, in].</param>
    /// <param name="single">Whether the result is float32 whatever the dtype of the weights: products and sum too.</param>
    /// <returns>Y [N, out].</returns>
    public Tensor Forward(Tensor x, bool single = false)
    {
        if (Adapter is not { IsOn: true } adapter)
        {
            return Base(x, single);
        }

        using var scope = NewDisposeScope();
        return adapter.Add(Base(x, single), x).MoveToOuterDisposeScope();
    }

    /// <summary>Gives the projection an adapter.</summary>
    public void Adapt(LoraOptions options, ulong seed)
    {
        var (outputs, inputs) = Shape(Weight.Value, _transposed);
        Adapter = new LoraAdapter(Name, inputs, outputs, options, seed, Weight.Value);
    }

    /// <summary>Adds the adapter to the weight, rounded once, and removes it.</summary>
    public void Merge()
    {
        if (Adapter is null)
        {
            return;
        }

        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        var difference = Adapter.Difference();
        var sum = Weight.Value.detach().to(ScalarType.Float32) + (_transposed ? difference.t() : difference);
        Weight.Value.copy_(sum);
        Adapter.Dispose();
        Adapter = null;
    }

    /// <summary>Packs the weights for the kernels; they must not change until <see cref="Unpack"/>.</summary>
    public void Pack()
    {
        _packed ??= Pack(Weight.Value, _transposed);
        Adapter?.Pack();
    }

    /// <summary>Frees the packed weights.</summary>
    public void Unpack()
    {
        _packed?.Dispose();
        _packed = null;
        Adapter?.Unpack();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Unpack();
        Adapter?.Dispose();
    }

    /// <summary>Packs a matrix; null where the kernels cannot take it.</summary>
    internal static unsafe PackedWeight? Pack(Tensor weight, bool transposed)
    {
        if (weight.device_type != DeviceType.CPU)
        {
            return null;
        }

        var (outputs, depth) = Shape(weight, transposed);
        var (outputStride, depthStride) = transposed ? (1L, (long)outputs) : (depth, 1L);
        return weight.dtype switch
        {
            ScalarType.Float32 => PackedWeight.From(
                TensorMemory.Pointer<float>(weight), outputs, depth, outputStride, depthStride),
            ScalarType.BFloat16 => PackedWeight.From(
                TensorMemory.Pointer<ushort>(weight), outputs, depth, outputStride, depthStride),
            _ => null,
        };
    }

    private static (int Outputs, int Inputs) Shape(Tensor weight, bool transposed) => transposed
        ? ((int)weight.shape[1], (int)weight.shape[0])
        : ((int)weight.shape[0], (int)weight.shape[1]);

    private Tensor Base(Tensor x, bool single)
    {
        if (_packed is not null && CpuKernels.Accept(x))
        {
            return CpuKernels.Linear(x, _packed, Bias?.Value, single);
        }

        if (!single || x.dtype == ScalarType.Float32)
        {
            return Multiply(x, Weight.Value, Bias?.Value);
        }

        using var scope = NewDisposeScope();
        var bias = Bias?.Value.to(ScalarType.Float32);
        return Multiply(x.to(ScalarType.Float32), Weight.Value.to(ScalarType.Float32), bias).MoveToOuterDisposeScope();
    }

    private Tensor Multiply(Tensor x, Tensor weight, Tensor? bias)
    {
        if (!_transposed)
        {
            return nn.functional.linear(x, weight, bias);
        }

        return bias is null ? mm(x, weight) : addmm(bias, x, weight, 1, 1);
    }
}
