using static TorchSharp.torch;

namespace Reft.Models;

/// <summary>What the layers of one forward pass share.</summary>
/// <param name="batch">The sequences.</param>
/// <param name="rotary">Cosines and sines; null if the model has no rotary positions.</param>
/// <param name="attention">Where keys and values come from.</param>
/// <param name="dropout">Drops elements; null for no dropout.</param>
/// <param name="read">The tokens [M] whose final states are read; null for all.</param>
internal sealed class LayerPass(
    TokenBatch batch, RotaryTable? rotary, IAttention attention, Dropout? dropout, long[]? read)
{
    private Tensor? _positions;

    /// <summary>The sequences.</summary>
    public TokenBatch Batch => batch;

    /// <summary>Cosines and sines; null if the model has no rotary positions.</summary>
    public RotaryTable? Rotary => rotary;

    /// <summary>Where keys and values come from.</summary>
    public IAttention Attention => attention;

    /// <summary>Drops elements; null for no dropout.</summary>
    public Dropout? Dropout => dropout;

    /// <summary>
    /// The tokens [M] whose final states are read; null for all. The last layer's keys and values are needed of every token, what
    /// follows its attention only of these.
    /// </summary>
    public long[]? Read => read;

    /// <summary>
    /// The tokens' positions [N] on a device. The tensor belongs to the dispose scope in which it was first asked for,
    /// and is made again after its end: a layer that is computed again in the backward pass finds it gone.
    /// </summary>
    public Tensor Positions(Device device) => _positions is { IsInvalid: false } made
        ? made
        : _positions = batch.PositionTensor(device);
}
