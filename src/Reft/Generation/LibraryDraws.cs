using Reft.Numerics;
using Reft.Numerics.Backends;
using Reft.Numerics.Kernels;
using static TorchSharp.torch;

namespace Reft.Generation;

/// <summary>
/// Draws on the device: uniform numbers of the same streams go up, tokens and their log-probabilities come down. A token differs from
/// the CPU's where a number falls within rounding of the border of two.
/// </summary>
internal sealed class LibraryDraws(SamplingOptions options)
{
    /// <summary>Draws a token from every row of a batch, each in its own way.</summary>
    /// <param name="logits">Logits [B, V], float32, on the device.</param>
    /// <param name="rows">How each row's is drawn.</param>
    /// <param name="drawn">Gets what was drawn.</param>
    public static void Draw(Tensor logits, RowDraw[] rows, Drawn[] drawn)
    {
        var alike = Enumerable.Range(0, rows.Length).GroupBy(i => rows[i].Options with { MaxTokens = 1, StopTokens = [], Seed = 0 });
        foreach (var group in alike)
        {
            using var scope = NewDisposeScope();
            int[] own = [.. group];
            var (tokens, logProbs) = (new int[own.Length], new float[own.Length]);
            var part = own.Length == rows.Length ? logits : logits.index_select(0, tensor([.. own.Select(i => (long)i)], device: logits.device));
            new LibraryDraws(group.Key).Draw(part, [.. own.Select(i => rows[i].Hash)], tokens, logProbs);
            for (var i = 0; i < own.Length; i++)
            {
                drawn[own[i]] = new Drawn(new TokenChance(tokens[i], logProbs[i]), Likeliest(part, i, rows[own[i]]));
            }
        }
    }

    /// <summary>Draws a token from every row.</summary>
    /// <param name="logits">Logits [B, V], float32, on the device.</param>
    /// <param name="draws">Each row's hash; uniform.</param>
    /// <param name="tokens">Gets the tokens.</param>
    /// <param name="logProbs">Gets their log-probabilities, as <see cref="Completion.LogProbs"/> defines them.</param>
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

    private static unsafe TokenChance[] Likeliest(Tensor logits, int row, RowDraw draw)
    {
        if (draw.Likeliest == 0)
        {
            return [];
        }

        using var own = logits[row].cpu().contiguous();
        var vocabulary = (int)own.shape[0];
        return new Sampler(draw.Options, vocabulary).Likeliest(TensorMemory.Pointer<float>(own), vocabulary, draw.Likeliest);
    }

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
