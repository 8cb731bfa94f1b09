using Reft.Numerics;
using Reft.Numerics.Backends;
using static TorchSharp.torch;

namespace Reft.Models;

/// <summary>
/// <c>V = w · h + b</c> on the last hidden state, in float32. Its start is that of torch's Linear (as ReFT's), or zero, so
/// that a fresh head does not disturb the policy through the shared trunk.
/// </summary>
internal sealed class ValueHead : IDisposable
{
    private readonly INumericBackend _numerics;

    /// <summary>Makes a head.</summary>
    /// <param name="width">The width of hidden states, D.</param>
    /// <param name="zero">Whether it starts at zero rather than uniformly in ±1/√D.</param>
    /// <param name="seed">The seed of the start.</param>
    /// <param name="device">Where to put it.</param>
    public ValueHead(int width, bool zero, ulong seed, ComputeDevice device)
    {
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        _numerics = device.Numerics;
        var bound = zero ? 0 : 1 / Math.Sqrt(width);
        var fresh = new FreshWeights(seed);
        Weight = new Parameter("value_head.weight", fresh.Uniform("weight", bound, 1, width).to(device.Torch).MoveToOuterDisposeScope());
        Bias = new Parameter("value_head.bias", fresh.Uniform("bias", bound, 1).to(device.Torch).MoveToOuterDisposeScope());
    }

    /// <summary>w [1, D].</summary>
    public Parameter Weight { get; }

    /// <summary>b [1].</summary>
    public Parameter Bias { get; }

    /// <summary>Both parameters.</summary>
    public IReadOnlyList<Parameter> Parameters => [Weight, Bias];

    /// <summary>Values [N] of states [N, D].</summary>
    public Tensor Forward(Tensor hidden) => WrappedTensorDisposeScope(() =>
        _numerics.Linear(hidden.to(ScalarType.Float32), Weight.Value, Bias.Value).squeeze(1));

    /// <inheritdoc/>
    public void Dispose()
    {
        Weight.Dispose();
        Bias.Dispose();
    }
}
