using Reft.Numerics;
using static TorchSharp.torch;

namespace Reft.Models.Blocks;

/// <summary>A layer's feed-forward part: two projections with an activation between them, or three with a gate.</summary>
internal sealed class FeedForwardPart : IFeedForward
{
    private readonly ActivationKind _activation;
    private readonly int _layer;
    private readonly Projection? _gate;
    private readonly Projection? _fused;
    private readonly Projection? _up;
    private readonly int _width;
    private readonly double _scale;
    private readonly Projection _down;

    /// <summary>The layer's own.</summary>
    public FeedForwardPart(LayerParts parts)
        : this(parts, prefix: null, parts.Config.IntermediateSize)
    {
    }

    /// <summary>One among others.</summary>
    /// <param name="parts">The parts.</param>
    /// <param name="prefix">Stands for <c>mlp.</c> in the names; null for that.</param>
    /// <param name="width">Its width.</param>
    public FeedForwardPart(LayerParts parts, string? prefix, int width)
    {
        var config = parts.Config;
        var names = prefix is null ? parts.Names : parts.Names with
        {
            Gate = parts.Names.Gate.Replace("mlp.", prefix, StringComparison.Ordinal),
            Up = parts.Names.Up.Replace("mlp.", prefix, StringComparison.Ordinal),
            Down = parts.Names.Down.Replace("mlp.", prefix, StringComparison.Ordinal),
        };
        _activation = config.Activation;
        _layer = parts.Index;
        _width = width;
        _scale = config.ResidualScale;
        if (config.FusedGate)
        {
            _fused = parts.Projection(names.GateUp, config.Width, 2 * width, config.FeedForwardBias);
            _down = parts.Projection(names.Down, width, config.Width, config.FeedForwardBias);
            return;
        }

        _gate = config.Gated ? parts.Projection(names.Gate, config.Width, width, config.FeedForwardBias) : null;
        _up = parts.Projection(names.Up, config.Width, width, config.FeedForwardBias);
        _down = parts.Projection(names.Down, width, config.Width, config.FeedForwardBias);
    }

    /// <summary>What the part adds to the residual stream [N, D], given what it reads [N, D].</summary>
    public Tensor Forward(Tensor x, LayerPass pass)
    {
        var output = _down.Forward(Inner(x, pass));
        output = pass.Dropout?.FeedForwardOutput(output, _layer) ?? output;
        return _scale == 1 ? output : output.Times(_scale);
    }

    private Tensor Inner(Tensor x, LayerPass pass)
    {
        if (_fused is not null)
        {
            var both = _fused.Forward(x); // [N, 2 I]
            return Multiply(both.narrow(1, 0, _width).contiguous(), both.narrow(1, _width, _width).contiguous(), pass);
        }

        if (_gate is null)
        {
            return Activations.Apply(_activation, _up!.Forward(x)); // Only a fused one has none.
        }

        var gate = _gate.Forward(x);
        return Multiply(gate, _up!.Forward(x), pass);
    }

    private Tensor Multiply(Tensor gate, Tensor up, LayerPass pass) =>
        _activation == ActivationKind.Silu
            ? pass.Numerics.SiluMultiply(gate, up)
            : Activations.Apply(_activation, gate) * up;
}
