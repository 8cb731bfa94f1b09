using static TorchSharp.torch;

namespace Reft.Models;

/// <summary>
/// Keys and values of the sequences being decoded: a fixed number of slots of fixed length, allocated once. A batch
/// says through <see cref="Use"/> which slot each of its sequences lives in.
/// </summary>
internal abstract class KeyValueCache : IAttention, IDisposable
{
    private readonly Tensor[] _keys;
    private readonly Tensor[] _values;

    /// <summary>Allocates [slots, …] for every layer.</summary>
    protected KeyValueCache(Decoder decoder, int length, long[] shape)
    {
        Length = length;
        using var frozen = no_grad();
        _keys = [.. Enumerable.Range(0, decoder.Config.Layers).Select(_ => Make())];
        _values = [.. Enumerable.Range(0, decoder.Config.Layers).Select(_ => Make())];

        Tensor Make() => zeros(shape, dtype: decoder.Dtype, device: decoder.Device.Torch).DetachFromDisposeScope();
    }

    /// <summary>The longest sequence that fits, in tokens.</summary>
    protected int Length { get; }

    /// <summary>The slot of each sequence of the batch in hand.</summary>
    protected int[] Slots { get; private set; } = [];

    /// <summary>The cache for a decoder: kernels on the CPU where they compute its scores, libtorch's operations elsewhere.</summary>
    /// <param name="decoder">The model.</param>
    /// <param name="slots">How many sequences at once.</param>
    /// <param name="length">The longest sequence, in tokens.</param>
    public static KeyValueCache Create(Decoder decoder, int slots, int length) =>
        decoder.Device.HasKernels && decoder.KernelsTakeScores
            ? new KernelCache(decoder, slots, length)
            : new TensorCache(decoder, slots, length);

    /// <summary>Says which slots the sequences of the next batches live in.</summary>
    public void Use(int[] slots) => Slots = slots;

    /// <inheritdoc/>
    public Tensor Attend(AttentionLayer layer, Tensor queries, Tensor keys, Tensor values, TokenBatch batch)
    {
        if (batch.Lengths.Length != Slots.Length || batch.MaxPosition > Length)
        {
            throw new InvalidOperationException(
                $"{batch.Lengths.Length} sequences of up to {batch.MaxPosition} tokens do not fit " +
                $"{Slots.Length} slots of {Length} tokens");
        }

        return AttendCached(layer, queries, keys, values, batch);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in _keys.Concat(_values))
        {
            tensor.Dispose();
        }
    }

    /// <summary>Adds the batch to the cache and attends to it; the batch fits.</summary>
    protected abstract Tensor AttendCached(
        AttentionLayer layer, Tensor queries, Tensor keys, Tensor values, TokenBatch batch);

    /// <summary>A layer's keys.</summary>
    protected Tensor Keys(int layer) => _keys[layer];

    /// <summary>A layer's values.</summary>
    protected Tensor Values(int layer) => _values[layer];
}
