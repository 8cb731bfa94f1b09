using Reft.Numerics.Backends;
using Reft.Numerics.Kernels;
using static TorchSharp.torch;

namespace Reft.Models;

/// <summary>
/// The cache for the CPU: values [slots, G, length, head size], and keys in blocks of sixteen as
/// <see cref="AttentionKernel"/> reads them. A sequence's result does not depend on the other sequences of the batch, nor
/// on how it was cut into pieces, to the last bit.
/// </summary>
internal sealed unsafe class KernelCache : KeyValueCache
{
    // Queries of one sequence that a thread takes at a time.
    private const int Chunk = 32;

    private readonly int _heads;
    private readonly int _groups;
    private readonly int _size;

    public KernelCache(Decoder decoder, int slots, int length)
        : base(decoder, length, [slots, decoder.Config.KeyValueHeads, AttentionKernel.WholeBlocks(length), decoder.Config.HeadSize])
    {
        _heads = decoder.Config.Heads;
        _groups = decoder.Config.KeyValueHeads;
        _size = decoder.Config.HeadSize;
    }

    /// <inheritdoc/>
    protected override Tensor AttendCached(
        AttentionLayer layer, Tensor queries, Tensor keys, Tensor values, TokenBatch batch)
    {
        using var scope = NewDisposeScope();
        // Whole sequences look at nothing but themselves.
        var whole = batch.Starts.All(start => start == 0)
            ? SequenceAttention.Attend(queries, keys, values, KernelBackend.Shape(layer.Scores, queries, keys), batch.Lengths)
            : null;
        var output = whole ?? empty(queries.shape[0], (long)_heads * _size, dtype: queries.dtype);
        var q = queries.contiguous();
        var k = keys.contiguous();
        var v = values.contiguous();
        if (q.dtype == ScalarType.Float32)
        {
            Run<float, Single32>(layer, q, k, v, output, batch, whole is not null);
        }
        else
        {
            Run<ushort, Brain16>(layer, q, k, v, output, batch, whole is not null);
        }

        return output.MoveToOuterDisposeScope();
    }

    private void Run<T, TElement>(
        AttentionLayer layer, Tensor q, Tensor k, Tensor v, Tensor output, TokenBatch batch, bool isDone)
        where T : unmanaged
        where TElement : IElement<T>
    {
        var job = new Job<T, TElement>
        {
            Queries = TensorMemory.Pointer<T>(q),
            NewKeys = TensorMemory.Pointer<T>(k),
            NewValues = TensorMemory.Pointer<T>(v),
            Output = TensorMemory.Pointer<T>(output),
            Keys = TensorMemory.Pointer<T>(Keys(layer.Layer)),
            Values = TensorMemory.Pointer<T>(Values(layer.Layer)),
            Cache = this,
            Scale = (float)layer.Scores.Scale,
            Window = layer.Scores.Window ?? int.MaxValue,
        };
        var items = Items(batch);
        var workers = CpuKernels.Workers;
        // A sequence that is one item a group writes its own keys; longer ones are written before anyone reads them.
        var single = items.Length == batch.Lengths.Length && !isDone;
        if (!single)
        {
            workers.For(items.Length * _groups, i => job.Write(items[i / _groups], i % _groups));
        }

        if (isDone)
        {
            return;
        }

        workers.For(items.Length * _groups, i =>
        {
            if (single)
            {
                job.Write(items[i / _groups], i % _groups);
            }

            job.Attend(items[i / _groups], i % _groups, workers.PanelScratch(Length + (2 * AttentionKernel.Lanes)));
        });
    }

    private Item[] Items(TokenBatch batch)
    {
        var items = new List<Item>(batch.Lengths.Length);
        var n = 0;
        for (var s = 0; s < batch.Lengths.Length; s++)
        {
            for (var t = 0; t < batch.Lengths[s]; t += Chunk)
            {
                var count = Math.Min(Chunk, batch.Lengths[s] - t);
                items.Add(new Item(Slots[s], n + t, batch.Starts[s] + t, count));
            }

            n += batch.Lengths[s];
        }

        return [.. items];
    }

    /// <summary>Neighbouring tokens of one sequence.</summary>
    /// <param name="Slot">The sequence's slot.</param>
    /// <param name="First">The first token's index in the batch.</param>
    /// <param name="Position">The first token's position in the sequence.</param>
    /// <param name="Count">How many tokens.</param>
    private readonly record struct Item(int Slot, int First, int Position, int Count);

    private sealed class Job<T, TElement>
        where T : unmanaged
        where TElement : IElement<T>
    {
        public required T* Queries { get; init; }

        public required T* NewKeys { get; init; }

        public required T* NewValues { get; init; }

        public required T* Output { get; init; }

        public required T* Keys { get; init; }

        public required T* Values { get; init; }

        public required KernelCache Cache { get; init; }

        public required float Scale { get; init; }

        public required int Window { get; init; }

        public void Write(Item item, int group)
        {
            var size = Cache._size;
            var row = Row(item.Slot, group);
            for (var t = 0; t < item.Count; t++)
            {
                var source = (((long)(item.First + t) * Cache._groups) + group) * size;
                var position = (long)item.Position + t;
                var lane = position % AttentionKernel.Lanes;
                var block = Keys + row + ((position - lane) * size) + lane;
                for (var c = 0; c < size; c++)
                {
                    block[c * AttentionKernel.Lanes] = NewKeys[source + c];
                }

                new ReadOnlySpan<T>(NewValues + source, size).CopyTo(new Span<T>(Values + row + (position * size), size));
            }
        }

        public void Attend(Item item, int group, float* scores)
        {
            var size = Cache._size;
            var perGroup = Cache._heads / Cache._groups;
            var row = Row(item.Slot, group);
            for (var t = 0; t < item.Count; t++)
            {
                var last = item.Position + t + 1;
                var first = Math.Max(0, last - Window);
                for (var h = group * perGroup; h < (group + 1) * perGroup; h++)
                {
                    var at = (((long)(item.First + t) * Cache._heads) + h) * size;
                    AttentionKernel.Attend<T, TElement>(
                        Queries + at, Keys + row, Values + row, Output + at, size, first, last, Scale, scores);
                }
            }
        }

        private long Row(int slot, int group) =>
            (((long)slot * Cache._groups) + group) * AttentionKernel.WholeBlocks(Cache.Length) * Cache._size;
    }
}
