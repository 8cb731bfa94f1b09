using Reft.Numerics;
using static TorchSharp.torch;

namespace Reft.Models;

/// <summary>Draws of weights that no file gives. Each depends on the seed and the weight's name alone, not on what was drawn before.</summary>
/// <param name="seed">The seed.</param>
internal readonly struct FreshWeights(ulong seed)
{
    /// <summary>From N(0, deviation²), float32 on the CPU.</summary>
    /// <param name="name">The weight's name.</param>
    /// <param name="deviation">The standard deviation.</param>
    /// <param name="shape">The weight's shape.</param>
    public Tensor Normal(string name, double deviation, params long[] shape)
    {
        using var generator = new Generator(CounterRandom.Hash(seed, name), CPU);
        using var scope = NewDisposeScope();
        return randn(shape, generator: generator).Scale(deviation).MoveToOuterDisposeScope();
    }

    /// <summary>Uniformly from [-bound, bound), float32 on the CPU.</summary>
    /// <param name="name">The weight's name.</param>
    /// <param name="bound">The bound; 0 gives zeros.</param>
    /// <param name="shape">The weight's shape.</param>
    public Tensor Uniform(string name, double bound, params long[] shape)
    {
        using var generator = new Generator(CounterRandom.Hash(seed, name), CPU);
        using var scope = NewDisposeScope();
        return rand(shape, generator: generator).Scale(2 * bound).Plus(-bound).MoveToOuterDisposeScope();
    }
}
