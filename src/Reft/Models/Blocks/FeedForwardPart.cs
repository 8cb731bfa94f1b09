using Reft.Numerics.Kernels;
using static TorchSharp.torch;

namespace Reft.Models.Blocks;

/// <summary>A layer's feed-forward part: two projections with an activation between them, or three with a gate.</summary>
internal sealed class FeedForwardPart
{
    private readonly ActivationKind _activation;
    private readonly int _layer;
    private readonly Projection? _gate;
    private readonly Projection _up;
    private readonly Projection _down;

    public FeedForwardPart(LayerParts parts)
    {
        var (config, names) = (parts.Config, parts.Names);
        _activation = config.Activation;
        _layer = parts.Index;
        _gate = config.Gated ? parts.Projection(names.Gate, config.Width, config.IntermediateSize, config.FeedForwardBias) : null;
        _up = parts.Projection(names.Up, config.Width, config.IntermediateSize, config.FeedForwardBias);
        _down = parts.Projection(names.Down, config.IntermediateSize, config.Width, config.FeedForwardBias);
    }

    /// <summary>What the part adds to the residual stream [N, D], given what it reads [N, D].</summary>
    public Tensor Forward(Tensor x, LayerPass pass)
    {
        var output = Forward(x);
        return pass.Dropout?.FeedForwardOutput(output, _layer) ?? output;
    }

    private Tensor Forward(Tensor x)
    {
        if (_gate is null)
        {
            return _down.Forward(Activations.Apply(_activation, _up.Forward(x)));
        }

        var gate = _gate.Forward(x);
        var up = _up.Forward(x);
        return _down.Forward(Gate(gate, up));
    }

    private Tensor Gate(Tensor gate, Tensor up)
    {
        if (_activation != ActivationKind.Silu || !TrainingKernels.Accept(gate))
        {
            return Activations.Apply(_activation, gate) * up;
        }

        return CpuKernels.Accept(gate) ? CpuKernels.SiluMultiply(gate, up) : TrainingKernels.SiluMultiply(gate, up);
    }
}
