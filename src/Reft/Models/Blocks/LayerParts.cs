using System.Globalization;

namespace Reft.Models.Blocks;

/// <summary>
/// What a block is put together from. Parameters are made as they are asked for, and stand in that order in checkpoints: a block's
/// constructor is the order.
/// </summary>
/// <param name="config">What the model computes.</param>
/// <param name="names">What its parameters are called.</param>
/// <param name="index">The layer's number.</param>
/// <param name="parameters">Where parameters go.</param>
internal sealed class LayerParts(DecoderConfig config, ParameterNames names, int index, ParameterSet parameters)
{
    private readonly LayerMaker _maker = new(config, parameters);
    private readonly string _prefix = string.Format(CultureInfo.InvariantCulture, names.Layer, index);
    private readonly List<Projection> _projections = [];

    /// <summary>What the model computes.</summary>
    public DecoderConfig Config => config;

    /// <summary>What its parameters are called.</summary>
    public ParameterNames Names => names;

    /// <summary>The layer's number, from 0.</summary>
    public int Index => index;

    /// <summary>Every projection that was made, in order.</summary>
    public IReadOnlyList<Projection> Projections => _projections;

    /// <summary>A norm under a name relative to the layer's.</summary>
    /// <param name="name">The name.</param>
    /// <param name="width">What it normalises; null for D.</param>
    public Norm Norm(string name, int? width = null) => _maker.Norm(_prefix + name, width ?? config.Width);

    /// <summary>A linear map under a name relative to the layer's.</summary>
    public Projection Projection(string name, int inputs, int outputs, bool bias)
    {
        var projection = _maker.Projection(_prefix + name, inputs, outputs, bias);
        _projections.Add(projection);
        return projection;
    }

    /// <summary>The layer's attention.</summary>
    public AttentionPart Attention() => new(this);

    /// <summary>The layer's feed-forward part.</summary>
    public IFeedForward FeedForward() => config.Experts is { } experts && !experts.DenseLayers.Contains(index)
        ? new ExpertsPart(this, experts)
        : new FeedForwardPart(this);

    /// <summary>Whether the CPU's kernels compute.</summary>
    public bool HasKernels => parameters.Device.HasKernels;
}
