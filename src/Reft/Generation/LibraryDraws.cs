using Reft.Numerics;
using Reft.Numerics.Backends;
using static TorchSharp.torch;

namespace Reft.Generation;

/// <summary>
/// Draws on the device: uniform numbers of the same streams go up, tokens and their log-probabilities come down. A token differs from
/// the CPU's where a number falls within rounding of the border of two.
/// </summary>
internal sealed class LibraryDraws(SamplingOptions options) : ITokenDraws
{
    /// <inheritdoc/>
    public void Draw(Tensor logits, ReadOnlySpan<ulong> draws, Span<int> tokens, Span<float> logProbs)
    {
        using var scope = NewDisposeScope();
        var uniform = new double[draws.Length];
        for (var i = 0; i < uniform.Length; i++)
        {
            uniform[i] = CounterRandom.ToUnit(draws[i]);
        }

        Read(On(logits, tensor(uniform, device: logits.device)), tokens, logProbs);
    }

    /// <summary>Tokens and log-probabilities [2, B], float64, on the device.</summary>
    /// <param name="logits">Logits [B, V], float32.</param>
    /// <param name="uniform">Uniform numbers [B] in [0, 1), float64.</param>
    public Tensor On(Tensor logits, Tensor uniform) => LibTorchScripts.Call(
        "drawn", logits, uniform, options.IsGreedy ? 1.0 : (float)(1 / options.Temperature), options.IsGreedy, (long)options.TopK, options.TopP,
        options.MinP, options.ScoresUnfiltered);

    /// <summary>Copies what was drawn [2, B] to the host; the step's one wait for the device.</summary>
    public static void Read(Tensor drawn, Span<int> tokens, Span<float> logProbs)
    {
        using var host = drawn.cpu();
        var all = host.data<double>().ToArray();
        for (var i = 0; i < tokens.Length; i++)
        {
            logProbs[i] = (float)all[(all.Length / 2) + i];
            if (float.IsNaN(logProbs[i]))
            {
                throw new InvalidOperationException(
                    "the model gave logits that are not finite: its weights are damaged, or the dtype overflows");
            }

            tokens[i] = (int)all[i];
        }
    }
}
