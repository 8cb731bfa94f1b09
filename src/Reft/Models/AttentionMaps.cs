using Reft.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace Reft.Models;

/// <summary>How a decoder's last layer looks at its sequences, as a mean over its heads: what attention is made from is kept, and the map computed from it.</summary>
internal static class AttentionMaps
{
    // Maps are L × L floats a head.
    private const int Portion = 32;

    /// <summary>What the last token of each sequence attends to [B][L].</summary>
    public static double[][] LastRows(Decoder decoder, IReadOnlyList<int[]> sequences) =>
        Maps(decoder, sequences, (queries, _) => queries[^1..], (map, length) => Row(map[0], length));

    /// <summary>
    /// How much each token is attended to by those after it: a mean over the tokens from a first one on that come after it and so can see it [B][L];
    /// 0 of the last token, which none comes after.
    /// </summary>
    /// <param name="decoder">The model.</param>
    /// <param name="sequences">Tokens, and where the first that looks stands.</param>
    public static double[][] Seen(Decoder decoder, IReadOnlyList<(int[] Tokens, int First)> sequences) => Maps(
        decoder, [.. sequences.Select(s => s.Tokens)], (queries, b) => queries[sequences[b].First..], Means);

    private static double[] Means(Tensor map, int length)
    {
        var (rows, first) = ((int)map.shape[0], length - (int)map.shape[0]);
        var values = map.cpu().data<float>().ToArray();
        var means = new double[length];
        for (var j = 0; j < length; j++)
        {
            var from = Math.Max(0, j + 1 - first);
            for (var i = from; i < rows; i++)
            {
                means[j] += values[(i * length) + j] / (double)(rows - from);
            }
        }

        return means;
    }

    private static double[] Row(Tensor row, int length) => [.. row.cpu().data<float>().ToArray()[..length].Select(a => (double)a)];

    private static double[][] Maps(
        Decoder decoder, IReadOnlyList<int[]> sequences, Func<Tensor, int, Tensor> looking, Func<Tensor, int, double[]> read)
    {
        if (decoder.Slot is not null)
        {
            throw new InputException("the model has a latent slot behind its prompt, whose attention belongs to no token: take credit from a model without one");
        }

        using var frozen = no_grad();
        using var prepared = decoder.Prepare();
        var results = new List<double[]>(sequences.Count);
        foreach (var portion in sequences.Chunk(Portion))
        {
            using var scope = NewDisposeScope();
            using var kept = new Kept(new FullAttention(decoder.Numerics), decoder.Config.Layers - 1);
            decoder.Hidden(new TokenBatch(portion), kept);
            var at = 0;
            foreach (var tokens in portion)
            {
                var (queries, keys) = (kept.Queries![at..(at + tokens.Length)], kept.Keys![at..(at + tokens.Length)]); // The last layer attends.
                results.Add(read(Map(looking(queries, results.Count), keys, kept.Scores), tokens.Length));
                at += tokens.Length;
            }
        }

        return [.. results];
    }

    /// <summary>Attention of the last tokens of a sequence, as a mean over heads.</summary>
    /// <param name="queries">Queries [Q, H, size] of the last Q tokens.</param>
    /// <param name="keys">Keys [L, G, size].</param>
    /// <param name="shape">What becomes of scores.</param>
    /// <returns>[Q, L], each row a distribution over the tokens up to its own.</returns>
    private static Tensor Map(Tensor queries, Tensor keys, ScoreShape shape)
    {
        using var scope = NewDisposeScope();
        var (q, length) = (queries.shape[0], keys.shape[0]);
        var heads = queries.shape[1] / keys.shape[1];
        var all = keys.to(ScalarType.Float32).repeat_interleave(heads, 1).permute(1, 2, 0); // [H, size, L]
        var scores = queries.to(ScalarType.Float32).permute(1, 0, 2).matmul(all).Times(shape.Scale); // [H, Q, L]
        if (shape.Cap is { } cap)
        {
            scores = scores.Times(1 / cap).tanh().Times(cap);
        }

        var places = TensorArithmetic.Indices(length, scores.device);
        var (own, other) = (places[(int)(length - q)..].unsqueeze(1), places.unsqueeze(0));
        var hidden = other > own;
        if (shape.Window is { } window)
        {
            hidden = hidden.logical_or(other <= own.Plus(-(double)window));
        }

        using var never = double.NegativeInfinity.ToScalar();
        return nn.functional.softmax(scores.masked_fill(hidden, never), 2).mean([0]).MoveToOuterDisposeScope();
    }

    /// <summary>Attends as another does, and keeps what the last layer attended with.</summary>
    private sealed class Kept(IAttention attention, int last) : IAttention, IDisposable
    {
        public Tensor? Queries { get; private set; }

        public Tensor? Keys { get; private set; }

        public ScoreShape Scores { get; private set; }

        public Tensor Attend(AttentionLayer layer, Tensor queries, Tensor keys, Tensor values, TokenBatch batch)
        {
            if (layer.Layer == last)
            {
                (Queries, Keys, Scores) = (queries.detach().DetachFromDisposeScope(), keys.detach().DetachFromDisposeScope(), layer.Scores);
            }

            return attention.Attend(layer, queries, keys, values, batch);
        }

        public void Dispose()
        {
            // They outlive the layer's scope, and belong to no other.
            Queries?.Dispose();
            Keys?.Dispose();
        }
    }
}
