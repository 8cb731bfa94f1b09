using Reft.Models;
using static TorchSharp.torch;

namespace Reft.Generation;

/// <summary>Log-probabilities of given tokens, by the full forward pass.</summary>
internal static class Scorer
{
    // Rows of logits at once: bounds the memory of [rows, V].
    private const int Chunk = 256;

    /// <summary>The log-probability of every token under the model (temperature 1); the first token has none.</summary>
    /// <param name="decoder">The model.</param>
    /// <param name="tokens">The tokens [T].</param>
    /// <param name="cancellation">Stops between stretches of tokens.</param>
    /// <returns>Log-probabilities [T] in float32; null for the first.</returns>
    /// <exception cref="InputException">There are no tokens, too many, or one outside the vocabulary.</exception>
    public static float?[] LogProbs(Decoder decoder, int[] tokens, CancellationToken cancellation = default)
    {
        if (tokens.Length == 0)
        {
            throw new InputException("there is nothing to score: the text has no tokens");
        }

        foreach (var token in tokens)
        {
            if (token < 0 || token >= decoder.Config.VocabularySize)
            {
                throw new InputException(
                    $"token {token} is outside the model's vocabulary of {decoder.Config.VocabularySize}: " +
                    $"ids go from 0 to {decoder.Config.VocabularySize - 1}");
            }
        }

        if (decoder.Slot is not null)
        {
            throw new InputException("the model has a latent slot behind its prompt, and a text alone does not say where that ends: it cannot be scored");
        }

        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        var scores = new float?[tokens.Length];
        var hidden = decoder.Hidden(new TokenBatch([tokens]));
        for (var first = 0; first < tokens.Length - 1; first += Chunk)
        {
            cancellation.ThrowIfCancellationRequested();
            using var inner = NewDisposeScope();
            var count = Math.Min(Chunk, tokens.Length - 1 - first);
            var targets = tensor(
                tokens.AsSpan(first + 1, count).ToArray().Select(t => (long)t).ToArray(), device: hidden.device);
            var all = nn.functional.log_softmax(decoder.Logits(hidden.narrow(0, first, count)), dim: 1);
            var chosen = all.gather(1, targets.unsqueeze(1)).squeeze(1).cpu().data<float>().ToArray();
            for (var t = 0; t < count; t++)
            {
                scores[first + 1 + t] = chosen[t];
            }
        }

        return scores;
    }
}
