using Reft.Models;
using static TorchSharp.torch;

namespace Reft.Generation;

/// <summary>How a model sees prompts: means of its final hidden states.</summary>
internal static class PromptStates
{
    // Prompts of a pass: bounds the memory, and changes no bit of what comes out.
    private const int AtOnce = 32;

    /// <summary>The mean over a prompt's tokens of the final hidden states, for every prompt.</summary>
    /// <param name="decoder">The model.</param>
    /// <param name="prompts">Token ids of each prompt, none empty.</param>
    /// <returns>Means [prompts, D].</returns>
    public static double[][] Means(Decoder decoder, IReadOnlyList<int[]> prompts)
    {
        using var frozen = no_grad();
        using var prepared = decoder.Prepare();
        return [.. prompts.Chunk(AtOnce).SelectMany(chunk => Of(decoder, chunk))];
    }

    private static List<double[]> Of(Decoder decoder, int[][] prompts)
    {
        using var scope = NewDisposeScope();
        var states = decoder.Hidden(new TokenBatch(prompts)).to(ScalarType.Float32).cpu();
        var (all, width, first) = (states.data<float>().ToArray(), (int)states.shape[1], 0);
        var means = new List<double[]>();
        foreach (var prompt in prompts)
        {
            var mean = new double[width];
            for (var i = first * width; i < (first + prompt.Length) * width; i++)
            {
                mean[i % width] += all[i];
            }

            means.Add([.. mean.Select(sum => sum / prompt.Length)]);
            first += prompt.Length;
        }

        return means;
    }
}
