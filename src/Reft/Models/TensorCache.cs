using Reft.Numerics;
using Reft.Numerics.Backends;
using static TorchSharp.torch;

namespace Reft.Models;

/// <summary>
/// The cache in libtorch's operations, on any device: [slots, length, G, head size]. New keys and values are written where they belong, and one
/// new token of every sequence is attended to without a copy of the cache where the device has an operator for it.
/// </summary>
internal sealed class TensorCache : KeyValueCache
{
    private readonly INumericBackend _numerics;
    private TokenBatch? _placed;
    private CachePlaces? _places;

    public TensorCache(Decoder decoder, int slots, int length)
        : base(decoder, length, [slots, length, decoder.Config.KeyValueHeads, decoder.Config.HeadSize])
    {
        _numerics = decoder.Numerics;
    }

    /// <summary>Says where the tokens of a batch live whose sequences are on the device alone, one token each.</summary>
    public void Use(TokenBatch batch, CachePlaces places)
    {
        Use(new int[batch.Lengths.Length]);
        (_placed, _places) = (batch, places);
    }

    /// <inheritdoc/>
    protected override Tensor AttendCached(
        AttentionLayer layer, Tensor queries, Tensor keys, Tensor values, TokenBatch batch)
    {
        using var scope = NewDisposeScope();
        var places = PlacesOf(batch, queries.device);
        var (allKeys, allValues) = (Keys(layer.Layer).flatten(0, 1), Values(layer.Layer).flatten(0, 1));
        allKeys.index_copy_(0, places.Rows, keys);
        allValues.index_copy_(0, places.Rows, values);
        if (places.Used is { } used)
        {
            return (PackedAttention.Accept(queries, layer.Scores)
                ? PackedAttention.AttendCache(
                    queries, allKeys, allValues, layer.Scores, places.Starts!, places.Slots!, used, Length).flatten(1, 2)
                : Cached(layer, queries.unsqueeze(1), places.Slots!.narrow(0, 0, queries.shape[0]), used, places.Longest)).MoveToOuterDisposeScope();
        }

        if (batch.Starts.All(start => start == 0))
        {
            return _numerics.Attend(queries, keys, values, layer.Scores, batch.Layout, dropout: null).MoveToOuterDisposeScope();
        }

        var parts = new List<Tensor>();
        var n = 0L;
        for (var s = 0; s < batch.Lengths.Length; s++)
        {
            var own = queries.narrow(0, n, batch.Lengths[s]).unsqueeze(0);
            var slot = tensor([Slots[s] * Length], device: queries.device);
            var end = tensor([batch.Starts[s] + batch.Lengths[s]], device: queries.device);
            parts.Add(Cached(layer, own, slot, end, batch.Starts[s] + batch.Lengths[s]));
            n += batch.Lengths[s];
        }

        return cat(parts, 0).MoveToOuterDisposeScope();
    }

    /// <summary>Attention of T new tokens of each sequence to all that is cached.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="queries">Queries [B, T, H, size].</param>
    /// <param name="slots">Where each sequence's slot begins [B], int32.</param>
    /// <param name="used">How many tokens of each slot are in use, the new ones included [B], int32.</param>
    /// <param name="longest">No slot uses more.</param>
    private Tensor Cached(AttentionLayer layer, Tensor queries, Tensor slots, Tensor used, int longest)
    {
        var (rows, count, heads, size) = (queries.shape[0], queries.shape[1], queries.shape[2], queries.shape[3]);
        var chosen = LibTorchScripts.Call("quotient", slots.to(ScalarType.Int64), (long)Length);
        var groups = heads / Keys(layer.Layer).shape[2];
        var (k, v) = (Take(Keys(layer.Layer)), Take(Values(layer.Layer)));
        var end = used.to(ScalarType.Int64).view(-1, 1, 1);
        var at = end - TensorArithmetic.Indices(count, queries.device).flip(0).view(1, -1, 1).Shifted(1); // [B, T, 1]
        var back = at - TensorArithmetic.Indices(longest, queries.device).view(1, 1, -1); // [B, T, L]
        var (scores, q) = (layer.Scores, queries.transpose(1, 2));
        var seen = back.IsIn(scores.Window ?? int.MaxValue).unsqueeze(1);
        var o = scores.Cap is not null
            ? CappedAttention.Attend(q, k, v, seen, scores)
            : nn.functional.scaled_dot_product_attention(q.Times(scores.Scale * Math.Sqrt(size)), k, v, seen, 0.0, false);
        return o.transpose(1, 2).reshape(rows * count, heads * size);

        Tensor Take(Tensor cache) => RectangleAttention.Repeat(cache.narrow(1, 0, longest).index_select(0, chosen).transpose(1, 2), groups); // [B, H, L, size]
    }

    /// <summary>Made with the first layer of a batch, in the scope of its pass.</summary>
    private CachePlaces PlacesOf(TokenBatch batch, Device device)
    {
        if (_places is { Rows.IsInvalid: false } known && _placed == batch)
        {
            return known;
        }

        var rows = new long[batch.Count];
        var n = 0;
        for (var s = 0; s < batch.Lengths.Length; s++)
        {
            for (var t = 0; t < batch.Lengths[s]; t++)
            {
                rows[n++] = ((long)Slots[s] * Length) + batch.Starts[s] + t;
            }
        }

        var one = batch.Lengths.All(length => length == 1) && batch.Starts.Any(start => start > 0);
        _placed = batch;
        return _places = one
            ? CachePlaces.OfOneEach(rows, [.. Slots.Select(slot => slot * Length)], [.. batch.Starts.Select(start => start + 1)], (int)Keys(0).shape[0] * Length, batch.MaxPosition, device)
            : new CachePlaces(tensor(rows, device: device), null, null, null, batch.MaxPosition);
    }
}

/// <summary>Where the tokens of a batch go in a cache, and what of it they see, as tensors.</summary>
/// <param name="Rows">Each token's row of all slots' rows, end to end [N], int64.</param>
/// <param name="Starts">0 … B [B + 1], int32; null unless every sequence has one new token.</param>
/// <param name="Slots">Where each sequence's slot begins, and the end of all [B + 1], int32; likewise.</param>
/// <param name="Used">How many rows of each slot are in use, the new one included [B], int32; likewise.</param>
/// <param name="Longest">No slot uses more.</param>
internal sealed record CachePlaces(Tensor Rows, Tensor? Starts, Tensor? Slots, Tensor? Used, int Longest)
{
    /// <summary>One new token of every sequence.</summary>
    public static CachePlaces OfOneEach(long[] rows, int[] slots, int[] used, int end, int longest, Device device) => new(
        tensor(rows, device: device),
        tensor(Enumerable.Range(0, rows.Length + 1).ToArray(), device: device),
        tensor([.. slots, end], device: device),
        tensor(used, device: device),
        longest);
}
