using static TorchSharp.torch;

namespace Reft.Numerics.Backends;

/// <summary>
/// Attention with gradients on any device and in any dtype, by libtorch's operator for rectangles: neighbouring sequences of one length are
/// computed together, and no padding is ever computed.
/// </summary>
internal static class RectangleAttention
{
    /// <summary>Attention inside every sequence: [N, H · size].</summary>
    public static Tensor Attend(Tensor queries, Tensor keys, Tensor values, ScoreShape scores, int[] lengths)
    {
        using var scope = NewDisposeScope();
        var parts = new List<Tensor>();
        var n = 0L;
        for (var s = 0; s < lengths.Length;)
        {
            var run = 1;
            while (s + run < lengths.Length && lengths[s + run] == lengths[s])
            {
                run++;
            }

            var count = (long)run * lengths[s];
            parts.Add(Run(queries.narrow(0, n, count), keys.narrow(0, n, count), values.narrow(0, n, count), scores, run));
            n += count;
            s += run;
        }

        return (parts.Count == 1 ? parts[0] : cat(parts, 0)).MoveToOuterDisposeScope();
    }

    /// <summary>Key or value heads [.., G, L, size] as often as queries read them.</summary>
    public static Tensor Repeat(Tensor heads, long times) => times == 1 ? heads : heads.repeat_interleave(times, dim: 1);

    private static Tensor Run(Tensor queries, Tensor keys, Tensor values, ScoreShape scores, int sequences)
    {
        var length = queries.shape[0] / sequences;
        var (heads, size) = (queries.shape[1], queries.shape[2]);
        var groups = heads / keys.shape[1];
        var q = queries.reshape(sequences, length, heads, size).transpose(1, 2); // [B, H, L, size]
        var k = Repeat(keys.reshape(sequences, length, -1, size).transpose(1, 2), groups);
        var v = Repeat(values.reshape(sequences, length, -1, size).transpose(1, 2), groups);
        if (scores.Cap is not null)
        {
            var seen = WindowMask(length, scores.Window ?? int.MaxValue, q);
            return CappedAttention.Attend(q, k, v, seen, scores).transpose(1, 2).reshape(queries.shape[0], heads * size);
        }

        // libtorch scales by 1/√size; other factors are put on the queries.
        var extra = scores.Scale * Math.Sqrt(size);
        if (Math.Abs(extra - 1) > 1e-12)
        {
            q = q.Times(extra);
        }

        var windowed = scores.Window is { } window && window < length;
        var mask = windowed ? WindowMask(length, scores.Window!.Value, q) : null;
        var o = nn.functional.scaled_dot_product_attention(q, k, v, mask, 0.0, !windowed);
        return o.transpose(1, 2).reshape(queries.shape[0], heads * size);
    }

    private static Tensor WindowMask(long length, int window, Tensor like)
    {
        var at = TensorArithmetic.Indices(length, like.device);
        var back = at.unsqueeze(1) - at.unsqueeze(0); // [L, L]: how far back key j is from query i
        return back.IsIn(window);
    }
}
