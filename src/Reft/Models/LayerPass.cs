using Reft.Numerics.Backends;

namespace Reft.Models;

/// <summary>What the layers of one forward pass share.</summary>
/// <param name="numerics">The operations.</param>
/// <param name="batch">The sequences.</param>
/// <param name="rotary">Cosines and sines, a layer; null where it has no rotary positions.</param>
/// <param name="attention">Where keys and values come from.</param>
/// <param name="dropout">Drops elements; null for no dropout.</param>
/// <param name="read">The tokens [M] whose final states are read; null for all.</param>
internal sealed class LayerPass(
    INumericBackend numerics, TokenBatch batch, IReadOnlyList<RotaryTable?> rotary, IAttention attention, Dropout? dropout, long[]? read)
{
    /// <summary>The operations.</summary>
    public INumericBackend Numerics => numerics;

    /// <summary>The sequences.</summary>
    public TokenBatch Batch => batch;

    /// <summary>A layer's cosines and sines; null if it has no rotary positions.</summary>
    public RotaryTable? RotaryOf(int layer) => rotary[layer];

    /// <summary>Where keys and values come from.</summary>
    public IAttention Attention => attention;

    /// <summary>Drops elements; null for no dropout.</summary>
    public Dropout? Dropout => dropout;

    /// <summary>Told what routers choose; null for nobody.</summary>
    public RouterMeter? Router { get; init; }

    /// <summary>
    /// The tokens [M] whose final states are read; null for all. The last layer's keys and values are needed of every token, what
    /// follows its attention only of these.
    /// </summary>
    public IndexList? Read { get; } = read is null ? null : new IndexList(read);
}
