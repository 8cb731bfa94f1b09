using Reft.Numerics;
using Reft.Numerics.Backends;
using Reft.Numerics.Kernels;
using static TorchSharp.torch;

namespace Reft.Models;

/// <summary>The low-rank part of a projection: <c>α/r · B (A x)</c>. It starts at nothing, since B is zero.</summary>
internal sealed class LoraAdapter : IDisposable
{
    private readonly INumericBackend _numerics;
    private readonly WeightPack _packedDown;
    private readonly WeightPack _packedUp;

    /// <summary>Makes an adapter.</summary>
    /// <param name="name">The projection's name, without <c>.weight</c>.</param>
    /// <param name="inputs">The projection's inputs.</param>
    /// <param name="outputs">The projection's outputs.</param>
    /// <param name="options">Rank and α.</param>
    /// <param name="seed">The seed of A.</param>
    /// <param name="like">Gives dtype and device.</param>
    /// <param name="numerics">The operations.</param>
    public LoraAdapter(string name, int inputs, int outputs, LoraOptions options, ulong seed, Tensor like, INumericBackend numerics)
    {
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        _numerics = numerics;
        Name = name;
        Scale = options.Alpha / options.Rank;
        // As PEFT starts A: Kaiming's uniform with a = √5, which is ±1/√inputs.
        var down = new FreshWeights(seed).Uniform(name, 1 / Math.Sqrt(inputs), options.Rank, inputs);
        Down = new Parameter(name + ".lora_A.weight", down.to(like.dtype).to(like.device).MoveToOuterDisposeScope());
        var up = zeros(outputs, options.Rank, dtype: like.dtype, device: like.device);
        Up = new Parameter(name + ".lora_B.weight", up.MoveToOuterDisposeScope());
        _packedDown = new WeightPack(Down, transposed: false);
        _packedUp = new WeightPack(Up, transposed: false);
    }

    /// <summary>The projection's name.</summary>
    public string Name { get; }

    /// <summary>α/r.</summary>
    public double Scale { get; }

    /// <summary>A [r, in].</summary>
    public Parameter Down { get; }

    /// <summary>B [out, r].</summary>
    public Parameter Up { get; }

    /// <summary>Whether it takes part; without it the model is its base.</summary>
    public bool IsOn { get; set; } = true;

    /// <summary><c>y + α/r · B (A x)</c>.</summary>
    /// <param name="y">The base's result.</param>
    /// <param name="x">Its input.</param>
    /// <param name="packed">Whether the kernels may keep the matrices packed.</param>
    public Tensor Add(Tensor y, Tensor x, bool packed)
    {
        using var scope = NewDisposeScope();
        var down = new Factor(Down.Value, packed ? _packedDown.Current : null);
        var up = new Factor(Up.Value, packed ? _packedUp.Current : null);
        var low = _numerics.Linear(_numerics.Linear(x, down), up);
        return _numerics.Sum(y, low.Times(Scale)).MoveToOuterDisposeScope();
    }

    /// <summary>What the adapter adds to the weight [out, in], in float32.</summary>
    public Tensor Difference() => WrappedTensorDisposeScope(() =>
        Up.Value.detach().to(ScalarType.Float32).mm(Down.Value.detach().to(ScalarType.Float32)).Times(Scale));

    /// <summary>Frees the packed matrices.</summary>
    public void Unpack()
    {
        _packedDown.Dispose();
        _packedUp.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Unpack();
        Down.Dispose();
        Up.Dispose();
    }

    /// <summary>One of the two matrices.</summary>
    private sealed record Factor(Tensor Matrix, PackedWeight? Packed) : ILinearMap
    {
        public Tensor? Offset => null;

        public bool IsTransposed => false;

        public bool TakesFastest => false;
    }
}
