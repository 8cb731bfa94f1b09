using Reft.Numerics;
using Reft.Numerics.Backends;
using Reft.Numerics.Kernels;
using static TorchSharp.torch;

namespace Reft.Models;

/// <summary>A linear map <c>x Wᵀ + b</c> of the decoder, with its parameters under their Hugging Face names.</summary>
internal sealed class Projection : ILinearMap, IDisposable
{
    private const string WeightEnding = ".weight";

    private readonly INumericBackend _numerics;
    private readonly bool _transposed;
    private readonly WeightPack _pack;
    private int _holders;

    /// <summary>Wraps parameters.</summary>
    /// <param name="weight">W [out, in], or [in, out] if transposed.</param>
    /// <param name="bias">b [out], or null.</param>
    /// <param name="transposed">Whether the weight is stored [in, out].</param>
    /// <param name="numerics">The operations.</param>
    public Projection(Parameter weight, Parameter? bias, bool transposed, INumericBackend numerics)
    {
        _numerics = numerics;
        Weight = weight;
        Bias = bias;
        _transposed = transposed;
        _pack = new WeightPack(weight, transposed);
    }

    /// <summary>The name, without <c>.weight</c>.</summary>
    public string Name => Weight.Name[..^WeightEnding.Length];

    /// <summary>W.</summary>
    public Parameter Weight { get; }

    /// <summary>b; null if there is none.</summary>
    public Parameter? Bias { get; }

    /// <summary>The low-rank adapter; null if there is none.</summary>
    public LoraAdapter? Adapter { get; private set; }

    /// <summary>Which products compute it on the CPU.</summary>
    public ProductChoice Products { get; set; }

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
        return adapter.Add(Base(x, single), x, IsHeld).MoveToOuterDisposeScope();
    }

    /// <summary>Gives the projection an adapter.</summary>
    public void Adapt(LoraOptions options, ulong seed)
    {
        using var scope = NewDisposeScope();
        var weight = Weight.Value;
        var (outputs, inputs) = WeightPack.Shape(weight, _transposed);
        Adapter = new LoraAdapter(Name, inputs, outputs, options, seed, weight, _numerics);
    }

    /// <summary>Adds the adapter to the weight, rounded once, and removes it.</summary>
    public void Merge()
    {
        if (Adapter is null)
        {
            return;
        }

        using var scope = NewDisposeScope();
        Weight.Set(Merged());
        Adapter.Dispose();
        Adapter = null;
    }

    /// <summary>The weight with the adapter added, rounded once; in the weight's dtype.</summary>
    public Tensor Merged()
    {
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        if (Adapter is null)
        {
            return Weight.Value.detach().alias().MoveToOuterDisposeScope();
        }

        var difference = Adapter.Difference();
        var sum = Weight.Value.detach().to(ScalarType.Float32).Plus(_transposed ? difference.t() : difference);
        return sum.to(Weight.Value.dtype).MoveToOuterDisposeScope();
    }

    /// <summary>Keeps the weights packed for the kernels until as many <see cref="Release"/>s.</summary>
    public void Hold() => _holders++;

    /// <summary>Frees the packed weights if nobody else holds them.</summary>
    public void Release()
    {
        if (--_holders == 0)
        {
            _pack.Dispose();
            Adapter?.Unpack();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _pack.Dispose();
        Adapter?.Dispose();
    }

    /// <inheritdoc/>
    public Tensor Matrix => Weight.Value;

    /// <inheritdoc/>
    public Tensor? Offset => Bias?.Value;

    /// <inheritdoc/>
    public bool IsTransposed => _transposed;

    /// <summary>The packed weights; null while nobody holds them, and where the kernels cannot take them.</summary>
    public PackedWeight? Packed => IsHeld && !Weight.IsQuantized ? _pack.Current : null;

    /// <inheritdoc/>
    public bool TakesFastest => Products == ProductChoice.Fastest;

    private bool IsHeld => _holders > 0;

    /// <summary>The map without its adapter.</summary>
    private Tensor Base(Tensor x, bool single) =>
        Weight.IsQuantized ? QuantizedProduct.Linear(x, this, _numerics) : _numerics.Linear(x, this, single);
}
