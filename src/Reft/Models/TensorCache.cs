using Reft.Numerics;
using static TorchSharp.torch;

namespace Reft.Models;

/// <summary>The cache for any device, in libtorch's operations: [slots, length, G, head size].</summary>
internal sealed class TensorCache : KeyValueCache
{
    public TensorCache(Decoder decoder, int slots, int length)
        : base(decoder, length, [slots, length, decoder.Config.KeyValueHeads, decoder.Config.HeadSize])
    {
    }

    /// <inheritdoc/>
    protected override Tensor AttendCached(
        AttentionLayer layer, Tensor queries, Tensor keys, Tensor values, TokenBatch batch)
    {
        using var scope = NewDisposeScope();
        var places = tensor(Places(batch), device: keys.device);
        Keys(layer.Layer).flatten(0, 1).index_copy_(0, places, keys);
        Values(layer.Layer).flatten(0, 1).index_copy_(0, places, values);
        if (batch.Starts.All(start => start == 0))
        {
            return new FullAttention().Attend(layer, queries, keys, values, batch).MoveToOuterDisposeScope();
        }

        if (batch.Lengths.All(length => length == 1))
        {
            return Cached(layer, queries.unsqueeze(1), Slots, [.. batch.Starts]).MoveToOuterDisposeScope();
        }

        var parts = new List<Tensor>();
        var n = 0L;
        for (var s = 0; s < batch.Lengths.Length; s++)
        {
            var own = queries.narrow(0, n, batch.Lengths[s]).unsqueeze(0);
            parts.Add(Cached(layer, own, [Slots[s]], [batch.Starts[s]]));
            n += batch.Lengths[s];
        }

        return cat(parts, 0).MoveToOuterDisposeScope();
    }

    /// <summary>Attention of T new tokens of each sequence to all that is cached: queries [B, T, H, size].</summary>
    private Tensor Cached(AttentionLayer layer, Tensor queries, int[] slots, int[] starts)
    {
        var (rows, count, heads, size) = (queries.shape[0], queries.shape[1], queries.shape[2], queries.shape[3]);
        var length = starts.Max() + count;
        var chosen = tensor(slots, dtype: ScalarType.Int64, device: queries.device);
        var groups = heads / Keys(layer.Layer).shape[2];
        var k = Take(Keys(layer.Layer));
        var v = Take(Values(layer.Layer));
        var start = tensor(starts, dtype: ScalarType.Int64, device: queries.device).view(-1, 1, 1);
        var at = start.Plus(TensorArithmetic.Indices(count, queries.device).view(1, -1, 1)); // [B, T, 1]
        var back = at - TensorArithmetic.Indices(length, queries.device).view(1, 1, -1); // [B, T, L]
        var (scores, q) = (layer.Scores, queries.transpose(1, 2));
        var seen = back.IsIn(scores.Window ?? int.MaxValue).unsqueeze(1);
        var o = scores.Cap is not null
            ? CappedAttention.Attend(q, k, v, seen, scores)
            : nn.functional.scaled_dot_product_attention(q.Times(scores.Scale * Math.Sqrt(size)), k, v, seen, 0.0, false);
        return o.transpose(1, 2).reshape(rows * count, heads * size);

        Tensor Take(Tensor cache)
        {
            var own = cache.narrow(1, 0, length).index_select(0, chosen).transpose(1, 2); // [B, G, L, size]
            return groups == 1 ? own : own.repeat_interleave(groups, dim: 1);
        }
    }

    private long[] Places(TokenBatch batch)
    {
        var places = new long[batch.Count];
        var n = 0;
        for (var s = 0; s < batch.Lengths.Length; s++)
        {
            for (var t = 0; t < batch.Lengths[s]; t++)
            {
                places[n++] = ((long)Slots[s] * Length) + batch.Starts[s] + t;
            }
        }

        return places;
    }
}
