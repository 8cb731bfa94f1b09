using Reft.Numerics;
using static TorchSharp.torch;

namespace Reft.Models;

/// <summary>Makes a decoder's parameters and keeps them in a fixed order.</summary>
/// <param name="device">Where they go.</param>
/// <param name="dtype">float32 or bfloat16.</param>
/// <param name="deviation">The standard deviation of fresh weights.</param>
/// <param name="seed">The seed of fresh weights; null leaves their memory as it is, for weights that are read from files.</param>
internal sealed class ParameterSet(ComputeDevice device, ScalarType dtype, double deviation, ulong? seed)
{
    private readonly List<Parameter> _all = [];

    /// <summary>Where they are.</summary>
    public ComputeDevice Device => device;

    /// <summary>The parameters in the order they were made.</summary>
    public IReadOnlyList<Parameter> All => _all;

    /// <summary>A weight drawn from N(0, deviation²); the draw depends on the seed and the name alone.</summary>
    public Parameter Normal(string name, params long[] shape)
    {
        if (seed is not { } known)
        {
            return Add(name, () => empty(shape, dtype: dtype, device: device.Torch));
        }

        return Add(name, () => new FreshWeights(known).Normal(name, deviation, shape));
    }

    /// <summary>A bias of zeros, or the weight of a norm around 1.</summary>
    public Parameter Zeros(string name, long size) => Add(name, () => zeros(size));

    /// <summary>A norm's weight of ones.</summary>
    public Parameter Ones(string name, long size) => Add(name, () => ones(size));

    /// <summary>Adds another set's parameters behind its own.</summary>
    public void Take(ParameterSet others) => _all.AddRange(others.All);

    private Parameter Add(string name, Func<Tensor> make)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var value = make().to(dtype).to(device.Torch).MoveToOuterDisposeScope();
        var parameter = new Parameter(name, value);
        _all.Add(parameter);
        return parameter;
    }
}
