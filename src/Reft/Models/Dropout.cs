using Reft.Numerics;
using Reft.Numerics.Kernels;
using static TorchSharp.torch;

namespace Reft.Models;

/// <summary>
/// The dropout of one forward pass. Every draw is a hash of (key of the pass, key of the sequence, layer, site, position,
/// column), so it does not depend on the batch that a sequence is computed in.
/// </summary>
/// <param name="rates">What is dropped.</param>
/// <param name="key">The pass's key.</param>
/// <param name="batch">The sequences, with their keys.</param>
internal sealed class Dropout(DropoutRates rates, ulong key, TokenBatch batch)
{
    /// <summary>Where in the model elements are dropped.</summary>
    private enum Site
    {
        Embedding,
        AttentionOutput,
        FeedForwardOutput,
        AttentionProbabilities,
    }

    /// <summary>Drops elements of the embeddings [N, D].</summary>
    public Tensor Embedding(Tensor x) => Drop(x, rates.Embedding, 0, Site.Embedding);

    /// <summary>Drops elements of what a layer's attention adds to the residual stream [N, D].</summary>
    public Tensor AttentionOutput(Tensor x, int layer) => Drop(x, rates.Residual, layer, Site.AttentionOutput);

    /// <summary>Drops elements of what a layer's feed-forward part adds to the residual stream [N, D].</summary>
    public Tensor FeedForwardOutput(Tensor x, int layer) => Drop(x, rates.Residual, layer, Site.FeedForwardOutput);

    /// <summary>The dropout of a layer's attention probabilities; null for none.</summary>
    public AttentionDropout? Probabilities(int layer) => rates.Attention == 0
        ? null
        : new AttentionDropout(new DropoutKernel(rates.Attention), Sequences(layer, Site.AttentionProbabilities));

    private Tensor Drop(Tensor x, double rate, int layer, Site site)
    {
        if (rate == 0)
        {
            return x;
        }

        var sequences = Sequences(layer, site);
        var rows = new ulong[batch.Count];
        for (var (s, n) = (0, 0); s < sequences.Length; s++)
        {
            for (var t = 0; t < batch.Lengths[s]; t++, n++)
            {
                rows[n] = CounterRandom.Hash(sequences[s], (ulong)batch.Positions[n]);
            }
        }

        return TrainingDropout.Apply(x, new DropoutKernel(rate), rows);
    }

    private ulong[] Sequences(int layer, Site site) =>
        [.. batch.Keys.Select(sequence => CounterRandom.Hash(key, sequence, ((ulong)layer << 8) | (ulong)site))];
}
