using Reft.Numerics.Kernels;
using static TorchSharp.torch;

namespace Reft.Generation;

/// <summary>How a row's token is drawn.</summary>
/// <param name="Options">Its temperature and filters.</param>
/// <param name="Hash">The draw's hash; uniform.</param>
/// <param name="Likeliest">How many of the likeliest tokens are told; 0 for none.</param>
internal readonly record struct RowDraw(SamplingOptions Options, ulong Hash, int Likeliest);

/// <summary>A token and its log-probability.</summary>
/// <param name="Token">The token's id.</param>
/// <param name="LogProb">Its log-probability, as <see cref="Completion.LogProbs"/> defines it.</param>
internal readonly record struct TokenChance(int Token, float LogProb);

/// <summary>What was drawn from a row.</summary>
/// <param name="Chosen">The token.</param>
/// <param name="Likeliest">The likeliest tokens under the same distribution, likeliest first; empty where none were asked for.</param>
internal readonly record struct Drawn(TokenChance Chosen, TokenChance[] Likeliest);

/// <summary>Draws on the CPU, each row on its own: the same token whatever the other rows.</summary>
internal sealed unsafe class KernelDraws
{
    private readonly Lock _gate = new();
    private readonly Stack<Sampler> _samplers = [];

    /// <summary>Draws a token from every row.</summary>
    /// <param name="logits">Logits [B, V], float32.</param>
    /// <param name="rows">How each row's is drawn.</param>
    /// <param name="drawn">Gets what was drawn.</param>
    public void Draw(Tensor logits, RowDraw[] rows, Drawn[] drawn)
    {
        var vocabulary = (int)logits.shape[1];
        using var own = logits.cpu().contiguous();
        var data = TensorMemory.Pointer<float>(own);
        CpuKernels.Workers.For(rows.Length, i =>
        {
            var (options, hash, likeliest) = rows[i];
            var sampler = Rent(options, vocabulary);
            var row = data + ((long)i * vocabulary);
            var token = sampler.Draw(row, vocabulary, hash, out var logProb);
            drawn[i] = new Drawn(new TokenChance(token, logProb), likeliest > 0 ? sampler.Likeliest(row, vocabulary, likeliest) : []);
            Return(sampler);
        });
    }

    private Sampler Rent(SamplingOptions options, int vocabulary)
    {
        lock (_gate)
        {
            if (_samplers.TryPop(out var sampler))
            {
                sampler.Options = options;
                return sampler;
            }
        }

        return new Sampler(options, vocabulary);
    }

    private void Return(Sampler sampler)
    {
        lock (_gate)
        {
            _samplers.Push(sampler);
        }
    }
}
