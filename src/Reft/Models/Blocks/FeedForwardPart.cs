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
        var output = _down.Forward(Inner(x, pass));
        return pass.Dropout?.FeedForwardOutput(output, _layer) ?? output;
    }

    private Tensor Inner(Tensor x, LayerPass pass)
    {
        if (_gate is null)
        {
            return Activations.Apply(_activation, _up.Forward(x));
        }

        var gate = _gate.Forward(x);
        var up = _up.Forward(x);
        return _activation == ActivationKind.Silu
            ? pass.Numerics.SiluMultiply(gate, up)
            : Activations.Apply(_activation, gate) * up;
    }
}
