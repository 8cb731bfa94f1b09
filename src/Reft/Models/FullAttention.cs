using Reft.Numerics;
using Reft.Numerics.Kernels;
using static TorchSharp.torch;

namespace Reft.Models;

/// <summary>
/// Attention without a cache, with gradients, on any device. Neighbouring sequences of one length are computed
/// together; no padding is ever computed.
/// </summary>
/// <param name="dropout">Drops probabilities; null for no dropout.</param>
internal sealed class FullAttention(Dropout? dropout = null) : IAttention
{
    /// <inheritdoc/>
    public Tensor Attend(AttentionLayer layer, Tensor queries, Tensor keys, Tensor values, TokenBatch batch)
    {
        var probabilities = dropout?.Probabilities(layer.Layer);
        if (TrainingKernels.Accept(queries) && AttentionShape.Takes(layer.Scores))
        {
            return SequenceAttention.Attend(
                queries, keys, values, Shape(layer, queries, keys), batch.Lengths, probabilities);
        }

        if (probabilities is not null)
        {
            throw new InputException(
                $"'attention_dropout' acts on the CPU in float32 and bfloat16 only, and not with capped scores; here are {queries.dtype} on {queries.device}: "
                + "set it (or 'attn_pdrop') to 0 in config.json, or train without dropout");
        }

        using var scope = NewDisposeScope();
        var parts = new List<Tensor>();
        var n = 0L;
        for (var s = 0; s < batch.Lengths.Length;)
        {
            var length = batch.Lengths[s];
            var run = 1;
            while (s + run < batch.Lengths.Length && batch.Lengths[s + run] == length)
            {
                run++;
            }

            var count = (long)run * length;
            parts.Add(Run(layer, queries.narrow(0, n, count), keys.narrow(0, n, count), values.narrow(0, n, count), run));
            n += count;
            s += run;
        }

        return (parts.Count == 1 ? parts[0] : cat(parts, 0)).MoveToOuterDisposeScope();
    }

    /// <summary>What the kernels need to know of a layer.</summary>
    internal static AttentionShape Shape(AttentionLayer layer, Tensor queries, Tensor keys) => new(
        (int)queries.shape[1], (int)keys.shape[1], (int)queries.shape[2], (float)layer.Scores.Scale, layer.Scores.Window ?? int.MaxValue);

    private static Tensor Run(AttentionLayer layer, Tensor queries, Tensor keys, Tensor values, int sequences)
    {
        var length = queries.shape[0] / sequences;
        var heads = queries.shape[1];
        var size = queries.shape[2];
        var groups = heads / keys.shape[1];
        var q = queries.reshape(sequences, length, heads, size).transpose(1, 2); // [B, H, L, size]
        var k = Repeat(keys.reshape(sequences, length, -1, size).transpose(1, 2), groups);
        var v = Repeat(values.reshape(sequences, length, -1, size).transpose(1, 2), groups);
        var scores = layer.Scores;
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

    private static Tensor Repeat(Tensor heads, long times) =>
        times == 1 ? heads : heads.repeat_interleave(times, dim: 1);

    private static Tensor WindowMask(long length, int window, Tensor like)
    {
        var at = TensorArithmetic.Indices(length, like.device);
        var back = at.unsqueeze(1) - at.unsqueeze(0); // [L, L]: how far back key j is from query i
        return back.IsIn(window);
    }
}
